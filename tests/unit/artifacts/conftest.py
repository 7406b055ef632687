"""Stores to test against: a local folder, memory, and a driver with folders that is not local."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import fsspec  # type: ignore[import-untyped]
import pytest

from tenuto.artifacts.blobs import blob_path
from tenuto.artifacts.folder import Folder
from tenuto.artifacts.remote import Remote
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.references import Reference

Damage = Callable[[ArtifactStore, Reference, bytes], None]
Backdate = Callable[[ArtifactStore, str, timedelta], None]


@pytest.fixture(params=["folder", "memory", "driver"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "folder":
        yield str(tmp_path / "store")
    elif request.param == "driver":
        yield f"dir::file://{tmp_path / 'driver'}"
    else:
        root = f"/test-{uuid4().hex}"
        yield f"memory:/{root}"
        memory = fsspec.filesystem("memory")
        if memory.exists(root):
            memory.rm(root, recursive=True)


@pytest.fixture
def store(store_url: str) -> ArtifactStore:
    return open_store(store_url)


@pytest.fixture
def folder_store(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path / "store"))


@pytest.fixture
def damage() -> Damage:
    """Puts other bytes where the content of a reference lies."""

    def replace(store: ArtifactStore, reference: Reference, data: bytes) -> None:
        store.place.write(blob_path(reference.sha256), data)

    return replace


@pytest.fixture
def backdate() -> Backdate:
    """Makes a file of the store look as if it had been written that long ago."""

    def age(store: ArtifactStore, path: str, by: timedelta) -> None:
        moment = datetime.now(UTC) - by
        place = store.place
        if isinstance(place, Folder):
            os.utime(place.root / path, (moment.timestamp(), moment.timestamp()))
            return
        assert isinstance(place, Remote)
        at = f"{place.root}/{path}"
        if at in fsspec.filesystem("memory").store:
            fsspec.filesystem("memory").store[at].modified = moment
        else:
            os.utime(place.filesystem._join(at), (moment.timestamp(), moment.timestamp()))

    return age
