"""Each thread has a driver of its own where drivers cannot be shared."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fsspec.asyn import AsyncFileSystem  # type: ignore[import-untyped]
from fsspec.implementations.memory import MemoryFileSystem  # type: ignore[import-untyped]

from tenuto.artifacts.blobs import blob_path
from tenuto.artifacts.connections import Connections
from tenuto.artifacts.remote import Remote
from tenuto.artifacts.store import open_store
from tenuto.core.errors import NotFoundError, TransientError, UnreachableError


def connect() -> MemoryFileSystem:
    return MemoryFileSystem(skip_instance_cache=True)


def test_a_thread_keeps_its_own_driver() -> None:
    connections = Connections(connect(), connect)

    with ThreadPoolExecutor(1) as pool:
        theirs = [pool.submit(connections.driver).result() for _ in range(2)]

    assert connections.driver() is connections.driver()
    assert theirs[0] is theirs[1]
    assert theirs[0] is not connections.driver()


def test_a_driver_made_for_all_threads_is_shared() -> None:
    shared = AsyncFileSystem(skip_instance_cache=True)
    connections = Connections(shared, connect)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(connections.driver).result() is shared
    connections.give_up()
    assert connections.driver() is shared


def test_after_a_failure_the_next_attempt_connects_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store("memory://connections")
    kept = store.put_bytes(b"data", name="d", media_type="x/y")
    assert isinstance(store.place, Remote)
    broken = store.place.filesystem

    def fail(*_: object, **__: object) -> bytes:
        raise EOFError("connection closed by the other side")

    monkeypatch.setattr(broken, "cat_file", fail)

    with pytest.raises(TransientError, match="EOFError") as caught:
        store.get_bytes(kept)
    assert caught.value.code == "artifact.store-failed"
    assert store.get_bytes(kept) == b"data"
    assert store.place.filesystem is not broken


def test_a_missing_file_is_no_reason_to_connect_again() -> None:
    store = open_store("memory://connections-missing")
    assert isinstance(store.place, Remote)
    before = store.place.filesystem

    with pytest.raises(NotFoundError):
        store.get_bytes("artifact://" + "0" * 64)
    assert store.place.size(blob_path("0" * 64)) is None
    assert store.place.filesystem is before


def test_a_server_that_does_not_answer_is_unreachable_and_no_password_is_shown() -> None:
    with pytest.raises(UnreachableError) as caught:
        open_store("ftp://user:s3cret@127.0.0.1:1/path")

    assert caught.value.code == "artifact.store-unreachable"
    assert "s3cret" not in caught.value.message
