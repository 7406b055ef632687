"""Names: bound once, read by anyone, and never a way out of the store."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenuto.artifacts.names import check_name
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.errors import CorruptError, NotFoundError, UsageError
from tenuto.core.references import Document

PACK = "nav/DEMO/2022-12-28/official/v1/pack.json"


def document(store: ArtifactStore, content: str) -> Document:
    return store.put_json(content, name="pack.json")


def test_a_name_resolves_to_what_it_was_bound_to(store: ArtifactStore) -> None:
    pack = document(store, "pack")
    table = store.put_table(pl.DataFrame({"n": [1, 2]}), name="positions")

    store.bind(PACK, pack)
    store.bind("nav/DEMO/positions", table)

    assert store.resolve(PACK) == pack
    assert store.resolve("nav/DEMO/positions") == table


def test_binding_the_same_content_again_changes_nothing(store: ArtifactStore) -> None:
    pack = document(store, "pack")
    store.bind(PACK, pack)

    store.bind(PACK, pack)
    store.bind(PACK, pack.model_copy(update={"name": "called otherwise"}))

    assert store.resolve(PACK) == pack


def test_a_name_is_never_bound_to_other_content(store: ArtifactStore) -> None:
    first, second = document(store, "first"), document(store, "second")
    store.bind(PACK, first)

    with pytest.raises(UsageError) as caught:
        store.bind(PACK, second)

    assert caught.value.code == "artifact.name-taken"
    assert first.sha256 in caught.value.message
    assert second.sha256 in caught.value.message
    assert store.resolve(PACK) == first


def test_a_table_is_not_taken_for_a_document_of_the_same_bytes(store: ArtifactStore) -> None:
    table = store.put_table(pl.DataFrame({"n": [1]}), name="t")
    same_bytes = store.put_bytes(store.get_bytes(table), name="t", media_type="x/y")
    store.bind("t", table)

    with pytest.raises(UsageError, match=r"bound to the dataset .* to the document"):
        store.bind("t", same_bytes)


def test_only_stored_content_gets_a_name(store: ArtifactStore) -> None:
    elsewhere = document(open_store("memory://elsewhere"), "elsewhere")

    with pytest.raises(NotFoundError):
        store.bind(PACK, elsewhere)
    assert list(store.names()) == []


def test_an_unbound_name_is_not_found(store: ArtifactStore) -> None:
    with pytest.raises(NotFoundError) as caught:
        store.resolve("nav/DEMO")
    assert caught.value.code == "artifact.name-not-found"


def test_names_are_listed_sorted_below_a_prefix(store: ArtifactStore) -> None:
    pack = document(store, "pack")
    for name in ("b/2", "a", "b/10", "a/x", "b/2/deep", "bb", "Ü/ä"):
        store.bind(name, pack)

    assert [name for name, _ in store.names()] == sorted(
        ["a", "a/x", "b/10", "b/2", "b/2/deep", "bb", "Ü/ä"]
    )
    assert [name for name, _ in store.names("b/")] == ["b/10", "b/2", "b/2/deep"]
    assert [name for name, _ in store.names("b/2")] == ["b/2", "b/2/deep"]
    assert [name for name, _ in store.names("b")] == ["b/10", "b/2", "b/2/deep", "bb"]
    assert list(store.names("none/")) == []
    assert all(reference == pack for _, reference in store.names())


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a/..",
        ".",
        "a/./b",
        "a//b",
        "a/",
        "a\\..\\b",
        "a\0b",
        "a\nb",
        "~/x",
        ".hidden",
        "a/.ref",
        "a.ref",
        "a.ref/b",
        "-rf",
        "a/*",
        "a?",
        "[a]",
        "a#1",
        "a%2f..",
        "a::b|c",
        "x" * 201,
        "/".join(["x" * 100] * 8),
        "e\u0301",
        "\u212b",
        "\ud800",
        "trailing ",
        "trailing.",
    ],
)
def test_no_name_leads_out_of_the_store(store: ArtifactStore, name: str) -> None:
    kept = document(store, "pack")

    for refused in (lambda: store.bind(name, kept), lambda: store.resolve(name)):
        with pytest.raises(UsageError) as caught:
            refused()
        assert caught.value.code == "artifact.bad-name"
    assert list(store.names()) == []


@pytest.mark.parametrize("prefix", ["../", "/", "a/../../", "a\0/", "//"])
def test_no_prefix_leads_out_of_the_store(store: ArtifactStore, prefix: str) -> None:
    with pytest.raises(UsageError):
        list(store.names(prefix))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(name=st.text(st.sampled_from("ab1._-: /é~&()*\\\0%"), max_size=12))
def test_a_name_is_refused_or_comes_back_as_it_was(store: ArtifactStore, name: str) -> None:
    kept = document(store, "pack")
    try:
        check_name(name)
    except UsageError:
        return

    store.bind(name, kept)

    assert store.resolve(name) == kept
    assert name in [bound for bound, _ in store.names()]


@pytest.mark.parametrize("data", [b"", b"{", b'{"version":1,"name":"x"}', b"[]"])
def test_a_damaged_pointer_is_not_followed(store: ArtifactStore, data: bytes) -> None:
    kept = document(store, "pack")
    store.bind("x", kept)
    store.place.write("names/x.ref", data)

    attempts: list[Callable[[], object]] = [
        lambda: store.resolve("x"),
        lambda: store.bind("x", kept),
        lambda: list(store.names()),
    ]
    for attempt in attempts:
        with pytest.raises(CorruptError) as caught:
            attempt()
        assert caught.value.code == "artifact.corrupt-name"


def test_a_pointer_moved_to_another_name_is_not_followed(store: ArtifactStore) -> None:
    store.bind("2022-12-28", document(store, "yesterday"))
    store.place.write("names/2022-12-29.ref", store.place.read("names/2022-12-28.ref"))

    with pytest.raises(CorruptError, match="belongs to the name `2022-12-28`"):
        store.resolve("2022-12-29")


def test_of_many_threads_one_binds_the_name(folder_store: ArtifactStore) -> None:
    assert_one_of_many_threads_binds(folder_store)


def test_of_many_threads_one_binds_the_name_in_memory() -> None:
    assert_one_of_many_threads_binds(open_store("memory://bind-race"))


def assert_one_of_many_threads_binds(store: ArtifactStore) -> None:
    for attempt in range(10):
        name = f"race/{attempt}"
        candidates = [document(store, f"{attempt} {n}") for n in range(8)]

        def bind(candidate: Document, name: str = name) -> Document | None:
            try:
                store.bind(name, candidate)
            except UsageError:
                return None
            return candidate

        with ThreadPoolExecutor(8) as pool:
            winners = [bound for bound in pool.map(bind, candidates) if bound]
        assert winners == [store.resolve(name)]
