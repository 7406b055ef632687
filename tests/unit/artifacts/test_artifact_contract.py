"""What every store promises, wherever its files lie."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenuto.artifacts.blobs import blob_path
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.errors import CorruptError, DataError, NotFoundError, UsageError
from tenuto.core.references import Document

one_store_is_enough = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@one_store_is_enough
@given(data=st.binary(max_size=5000))
def test_bytes_come_back_unchanged(store: ArtifactStore, data: bytes) -> None:
    kept = store.put_bytes(data, name="any", media_type="application/x-any")

    assert store.get_bytes(kept) == data
    assert store.get_bytes(kept.uri) == data
    assert (kept.sha256, kept.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    with store.open(kept) as file:
        assert file.read() == data


@one_store_is_enough
@given(value=json_values)
def test_json_comes_back_unchanged(store: ArtifactStore, value: Any) -> None:
    kept = store.put_json(value, name="value.json")

    assert store.get_json(kept) == value
    assert kept.media_type == "application/json"


def test_a_file_comes_back_unchanged_and_says_what_it_is(
    store: ArtifactStore, tmp_path: Path
) -> None:
    source = tmp_path / "Positions.CSV"
    source.write_bytes(b"isin,quantity\n" * 300_000)

    kept = store.put_file(source)

    assert (kept.name, kept.media_type) == ("Positions.CSV", "text/csv")
    assert store.get_bytes(kept) == source.read_bytes()
    renamed = store.put_file(str(source), name="p.txt", media_type="text/x-p")
    assert (renamed.name, renamed.media_type) == ("p.txt", "text/x-p")
    assert renamed.sha256 == kept.sha256


def test_a_file_that_is_not_there_is_refused(store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no file `.*nowhere\.csv`") as caught:
        store.put_file(tmp_path / "nowhere.csv")
    assert caught.value.code == "artifact.no-such-file"
    with pytest.raises(UsageError) as refused:
        store.put_file(tmp_path)
    assert refused.value.code == "artifact.not-a-file"


def test_equal_content_is_stored_once(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a":1}')

    first = store.put_json({"a": 1}, name="one")
    second = store.put_bytes(b'{"a":1}', name="two", media_type="application/json")
    third = store.put_file(tmp_path / "a.json")

    assert first.sha256 == second.sha256 == third.sha256
    assert [blob.uri for blob in store.list_blobs()] == [first.uri]


def test_what_is_stored_is_listed_and_counted(store: ArtifactStore) -> None:
    assert list(store.list_blobs()) == []
    kept = [store.put_bytes(bytes([n]) * n, name=f"{n}", media_type="x/y") for n in range(1, 30)]

    assert {(b.uri, b.bytes) for b in store.list_blobs()} == {(k.uri, k.bytes) for k in kept}
    assert store.totals().blobs == 29
    assert store.totals().bytes == sum(range(1, 30))
    assert store.stat(kept[4]).bytes == 5


def test_files_of_others_among_the_blobs_are_passed_over(store: ArtifactStore) -> None:
    store.place.write("blobs/ab/.DS_Store", b"not ours")

    assert list(store.list_blobs()) == []


def test_a_store_opened_before_sees_what_is_written_after(
    store: ArtifactStore, store_url: str
) -> None:
    early = open_store(store_url)
    assert list(early.list_blobs()) == []

    kept = store.put_bytes(b"late", name="late", media_type="x/y")

    assert early.get_bytes(kept) == b"late"


READERS: list[Callable[[ArtifactStore, Document], object]] = [
    lambda store, reference: store.get_bytes(reference),
    lambda store, reference: store.get_json(reference),
    lambda store, reference: store.verify(reference),
    lambda store, reference: store.get_table(reference),
    lambda store, reference: store.scan_table(reference),
    lambda store, reference: store.open(reference).__enter__(),
    lambda store, reference: store.local_path(reference).__enter__(),
]


@pytest.mark.parametrize("read", READERS)
def test_missing_content_is_named(
    store: ArtifactStore, read: Callable[[ArtifactStore, Document], object]
) -> None:
    elsewhere = open_store("memory://elsewhere").put_json([1], name="prices.json")

    with pytest.raises(NotFoundError) as caught:
        read(store, elsewhere)

    assert caught.value.code == "artifact.not-found"
    assert "`prices.json`" in caught.value.message
    assert elsewhere.sha256[:12] in caught.value.message
    assert store.url in caught.value.message
    with pytest.raises(NotFoundError):
        store.stat(elsewhere)


@pytest.mark.parametrize("read", READERS)
def test_a_changed_byte_is_found_and_named(
    store: ArtifactStore,
    damage: Callable[[ArtifactStore, Document, bytes], None],
    read: Callable[[ArtifactStore, Document], object],
) -> None:
    kept = store.put_json({"price": "101.25"}, name="prices.json")
    damage(store, kept, b'{"price":"101.26"}')

    with pytest.raises(CorruptError) as caught:
        read(store, kept)

    assert caught.value.code == "artifact.corrupt"
    assert "`prices.json`" in caught.value.message
    assert f"{store.url}/{blob_path(kept.sha256)}" in caught.value.message


def test_a_changed_byte_of_a_table_is_found(
    store: ArtifactStore, damage: Callable[..., None]
) -> None:
    kept = store.put_table(pl.DataFrame({"n": range(5000)}), name="numbers")
    data = bytearray(store.get_bytes(kept.uri))
    data[len(data) // 2] ^= 1
    damage(store, kept, bytes(data))

    for read in (store.get_table, store.scan_table):
        with pytest.raises(CorruptError, match="`numbers`"):
            read(kept)


def test_a_truncated_blob_is_neither_read_nor_taken_for_the_content(
    store: ArtifactStore, damage: Callable[..., None]
) -> None:
    kept = store.put_bytes(b"0123456789", name="digits", media_type="text/plain")
    damage(store, kept, b"01234")

    with pytest.raises(CorruptError, match="holds 5 bytes that hash to"):
        store.get_bytes(kept)
    with pytest.raises(CorruptError, match="holds 5 bytes instead of 10"):
        store.put_bytes(b"0123456789", name="digits", media_type="text/plain")


def test_content_that_is_not_json_or_not_a_table_is_said_to_be_so(store: ArtifactStore) -> None:
    text = store.put_bytes(b"isin;quantity" * 100, name="p.csv", media_type="text/csv")
    deep = store.put_bytes(b"[" * 100_000, name="deep", media_type="application/json")
    constant = store.put_bytes(b"[NaN]", name="nan", media_type="application/json")

    for reference in (text, deep, constant):
        with pytest.raises(DataError) as caught:
            store.get_json(reference)
        assert caught.value.code == "artifact.not-json"
    for read in (store.get_table, store.scan_table):
        with pytest.raises(DataError) as caught:
            read(text)
        assert caught.value.code == "artifact.not-a-table"


def test_a_local_path_lasts_as_long_as_its_block(store: ArtifactStore) -> None:
    kept = store.put_bytes(b"x" * 100, name="x", media_type="x/y")

    with store.local_path(kept) as path:
        assert path.read_bytes() == b"x" * 100

    is_the_stored_file = str(path).startswith(store.url)
    assert path.exists() is is_the_stored_file
    assert store.get_bytes(kept) == b"x" * 100


def test_large_content_comes_back_through_a_file(store: ArtifactStore) -> None:
    data = bytes(range(256)) * 4096 * 20  # 20 MiB, several ranges

    kept = store.put_bytes(data, name="large", media_type="x/y")

    with store.open(kept) as file:
        assert file.read() == data


def test_many_threads_write_and_read_the_same_content(store: ArtifactStore) -> None:
    data = bytes(range(256)) * 2000

    def write_and_read(_: int) -> bool:
        kept = store.put_bytes(data, name="shared", media_type="x/y")
        with store.open(kept) as file:
            return file.read() == data and store.get_bytes(kept) == data

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write_and_read, range(60)))
    assert store.totals().blobs == 1
    assert list(store.place.walk("tmp")) == []


def test_a_table_that_fails_to_compute_leaves_nothing(store: ArtifactStore) -> None:
    failing = pl.LazyFrame({"n": ["1", "two"]}).select(pl.col("n").cast(pl.Int64))

    for _ in range(30):
        with pytest.raises(pl.exceptions.InvalidOperationError):
            store.put_table(failing, name="failing")

    assert list(store.list_blobs()) == []
    assert list(store.place.walk("tmp")) == []


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "artifact://",
        "artifact://../../etc/passwd",
        "artifact://" + "A" * 64,
        "artifact://" + "a" * 65,
        "artifact://" + "a" * 64 + "\n",
        "a" * 64,
        "file:///etc/passwd",
    ],
)
def test_only_an_artifact_uri_is_read(store: ArtifactStore, uri: str) -> None:
    with pytest.raises(UsageError) as caught:
        store.get_bytes(uri)
    assert caught.value.code == "artifact.bad-uri"


def test_a_reference_that_contradicts_itself_is_refused(store: ArtifactStore) -> None:
    kept = store.put_bytes(b"x", name="x", media_type="x/y")
    forged = kept.model_copy(update={"sha256": "0" * 64})

    with pytest.raises(DataError) as caught:
        store.get_bytes(forged)
    assert caught.value.code == "artifact.contradictory-reference"
