"""What garbage collection keeps, what it removes, and when it refuses to remove anything."""

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.converter import DataConverter

from tenuto.artifacts.blobs import blob_path
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.garbage import GarbageReport, collect_garbage, uris_in
from tenuto.artifacts.media_types import PARQUET
from tenuto.artifacts.remote import Remote
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import CorruptError, DataError, TransientError, UsageError
from tenuto.core.references import Reference

WEEK = timedelta(days=7)

AGE_WRITE_AND_READ = """
import os, sys
from pathlib import Path
from tenuto.artifacts.blobs import blob_path
from tenuto.artifacts.store import open_store
store = open_store(sys.argv[1])
for n in range(int(sys.argv[2])):
    kept = store.put_bytes(b"shared by many runs", name="shared", media_type="x/y")
    assert store.get_bytes(kept) == b"shared by many runs"
    os.utime(Path(store.url) / blob_path(kept.sha256), (0, 0))
print("done")
"""


@pytest.fixture
def age_all(backdate: Callable[..., None]) -> Callable[[ArtifactStore], None]:
    def age(store: ArtifactStore) -> None:
        for blob in list(store.list_blobs()):
            backdate(store, blob_path(blob.sha256), WEEK)

    return age


def collect(store: ArtifactStore, keep: Iterable[Reference] = ()) -> GarbageReport:
    return collect_garbage(store, [reference.uri for reference in keep], dry_run=False)


def stored(store: ArtifactStore) -> set[str]:
    return {blob.uri for blob in store.list_blobs()}


def text(store: ArtifactStore, content: str) -> Reference:
    return store.put_bytes(content.encode(), name=content, media_type="text/plain")


def test_what_nothing_refers_to_is_removed(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    named, handed_in, garbage = text(store, "named"), text(store, "handed in"), text(store, "old")
    store.bind("n", named)
    age_all(store)

    report = collect(store, keep=[handed_in])

    assert stored(store) == {named.uri, handed_in.uri}
    assert report == GarbageReport(
        dry_run=False,
        kept_blobs=2,
        kept_bytes=named.bytes + handed_in.bytes,
        removed_blobs=1,
        removed_bytes=garbage.bytes,
        removed_partial_files=0,
        removed_partial_bytes=0,
        missing=(),
    )


def test_a_dry_run_reports_and_removes_nothing(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None], backdate: Callable[..., None]
) -> None:
    text(store, "old")
    store.place.write("tmp/left", b"half")
    backdate(store, "tmp/left", WEEK)
    age_all(store)

    report = collect_garbage(store, ())

    assert (report.dry_run, report.removed_blobs, report.removed_partial_files) == (True, 1, 1)
    assert len(stored(store)) == 1
    assert list(store.place.walk("tmp")) == [("tmp/left", 4)]
    assert collect(store) == report.model_copy(update={"dry_run": False})


def test_young_content_is_kept_and_keeps_what_it_refers_to(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    table = store.put_table(pl.DataFrame({"n": [1]}), name="t")
    age_all(store)
    young = store.put_json({"table": table.uri}, name="pack.json")

    report = collect(store)

    assert stored(store) == {table.uri, young.uri}
    assert report.removed_blobs == 0


def test_documents_keep_what_they_refer_to_through_any_depth(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    table = store.put_table(pl.DataFrame({"n": range(10)}), name="positions")
    inner = store.put_json({"tables": [table]}, name="inner.json")
    escaped = inner.uri.replace("/", "\\/")
    outer = store.put_bytes(
        f'{{ "inner" : "{escaped}" }}'.encode(), name="outer.json", media_type="application/json"
    )
    lone = store.put_json({"table": table}, name="lone.json")
    store.bind("nav/pack", outer)
    age_all(store)

    collect(store)

    assert stored(store) == {table.uri, inner.uri, outer.uri}
    assert lone.uri not in stored(store)


def test_documents_that_refer_to_each_other_are_removed_together(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    chain = text(store, "start")
    for _ in range(50):
        chain = store.put_json({"before": chain.uri}, name="link")
    age_all(store)

    assert collect(store, keep=[chain]).removed_blobs == 0
    assert collect(store).removed_blobs == 51


def test_tables_are_not_searched(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    mentioned = text(store, "mentioned in a table")
    parquet = io.BytesIO()
    pl.DataFrame({"uri": [mentioned.uri]}).write_parquet(parquet, compression="uncompressed")
    table = store.put_bytes(parquet.getvalue(), name="t", media_type=PARQUET)
    assert mentioned.uri.encode() in store.get_bytes(table), "a search would find it"
    store.bind("t", table)
    age_all(store)

    collect(store)

    assert stored(store) == {table.uri}


async def test_a_stored_payload_keeps_what_it_refers_to(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    table = store.put_table(pl.DataFrame({"n": [1]}), name="t")
    converter = DataConverter(external_storage=external_storage(store))
    await converter.encode([{"tables": [table.uri], "padding": "x" * 300_000}])
    payload = next(uri for uri in stored(store) if uri != table.uri)
    age_all(store)

    collect_garbage(store, [payload], dry_run=False)

    assert stored(store) == {payload, table.uri}


def test_content_written_again_is_young_again(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    text(store, "shared by two runs")
    age_all(store)
    again = text(store, "shared by two runs")

    collect(store)

    assert stored(store) == {again.uri}


def test_left_over_partial_files_are_removed_when_old(
    store: ArtifactStore, backdate: Callable[..., None]
) -> None:
    store.place.write("tmp/old", b"half")
    store.place.write("tmp/young", b"in flight")
    backdate(store, "tmp/old", WEEK)

    report = collect(store)

    assert (report.removed_partial_files, report.removed_partial_bytes) == (1, 4)
    assert [path for path, _ in store.place.walk("tmp")] == ["tmp/young"]


def test_a_reference_handed_in_that_is_not_there_is_reported(store: ArtifactStore) -> None:
    kept = text(store, "kept")
    lost = kept.uri[:-4] + "0000"

    report = collect_garbage(store, [kept.uri, lost], dry_run=False)

    assert report.missing == (lost,)


def test_nothing_is_removed_when_a_name_has_lost_its_content(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    lost, garbage = text(store, "lost"), text(store, "garbage")
    store.bind("nav/pack", lost)
    age_all(store)
    store.place.remove(blob_path(lost.sha256), unless_after=datetime.now(UTC))

    with pytest.raises(DataError, match="`nav/pack`") as caught:
        collect(store)

    assert caught.value.code == "artifact.name-dangles"
    assert stored(store) == {garbage.uri}


def test_nothing_is_removed_when_a_kept_document_is_damaged(
    store: ArtifactStore,
    age_all: Callable[[ArtifactStore], None],
    damage: Callable[..., None],
) -> None:
    table = store.put_table(pl.DataFrame({"n": [1]}), name="t")
    pack = store.put_json({"table": table.uri}, name="pack.json")
    store.bind("nav/pack", pack)
    damage(store, pack, store.get_bytes(pack).replace(b"artifact:", b"artifakt:"))
    age_all(store)

    with pytest.raises(CorruptError):
        collect(store)

    assert stored(store) == {table.uri, pack.uri}


def test_nothing_is_removed_when_a_name_cannot_be_read(
    store: ArtifactStore, age_all: Callable[[ArtifactStore], None]
) -> None:
    kept = text(store, "kept")
    store.place.write("names/nav.ref", b"not a pointer")
    age_all(store)

    with pytest.raises(CorruptError):
        collect(store)
    assert stored(store) == {kept.uri}


def test_nothing_is_removed_when_a_folder_cannot_be_listed(
    store_url: str,
    store: ArtifactStore,
    age_all: Callable[[ArtifactStore], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = text(store, "kept")
    store.bind("nav/DEMO/pack", kept)
    age_all(store)
    place = store.place
    lister: tuple[Any, str] = (os, "scandir")
    if isinstance(place, Remote):
        lister = (place.filesystem, "ls")
    list_folder = getattr(*lister)

    def fail_below_names(path: object, **options: object) -> object:
        if str(path).endswith("names/nav"):
            raise PermissionError(13, "not for you", str(path))
        return list_folder(path, **options)

    monkeypatch.setattr(lister[0], lister[1], fail_below_names)

    with pytest.raises(TransientError) as caught:
        collect(store)

    assert caught.value.code == "artifact.store-failed"
    monkeypatch.undo()
    assert stored(store) == {kept.uri}


def test_only_uris_can_be_handed_in(store: ArtifactStore) -> None:
    kept = text(store, "kept")
    with pytest.raises(UsageError):
        collect_garbage(store, [kept.sha256], timedelta(0), dry_run=False)
    assert stored(store) == {kept.uri}


def test_a_writer_told_that_content_is_there_is_never_robbed(folder_store: ArtifactStore) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", AGE_WRITE_AND_READ, folder_store.url, "250"],
        stdout=subprocess.PIPE,
        text=True,
    )
    blob = blob_path(hashlib.sha256(b"shared by many runs").hexdigest())
    long_ago = datetime.now(UTC) - WEEK
    removed = 0
    while writer.poll() is None:
        removed += folder_store.place.remove(blob, unless_after=long_ago)

    assert writer.communicate()[0] == "done\n"
    assert removed > 10


@settings(deadline=None)
@given(data=st.data())
def test_uris_are_found_wherever_the_chunks_are_cut(data: st.DataObject) -> None:
    hashes = data.draw(st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), max_size=4))
    between = st.sampled_from([b"", b'"', b"artifact:/", b"artifact://", b"0", b"\x00\xff", b"a/"])
    whole = b"".join(
        data.draw(between) + f" artifact://{sha256} ".encode() + data.draw(between)
        for sha256 in hashes
    )
    size = data.draw(st.integers(1, 90))

    def cut() -> Iterator[bytes]:
        for start in range(0, len(whole), size):
            yield whole[start : start + size]

    assert list(uris_in(cut())) == [f"artifact://{sha256}" for sha256 in hashes]
