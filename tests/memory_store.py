"""A store in memory: no fsync to wait for, and gone when its user is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import fsspec  # type: ignore[import-untyped]

from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store


@contextmanager
def store_in_memory() -> Iterator[ArtifactStore]:
    """The store that bodies read and write within the block, empty at first.

    Its files are dropped afterwards, because the driver keeps those of all stores in one list
    and goes through all of it to look at one.
    """
    name = f"store-{uuid4().hex}"
    store = open_store(f"memory://{name}")
    use_store(store)
    try:
        yield store
    finally:
        use_store(None)
        _drop(f"/{name}")


def _drop(folder: str) -> None:
    memory = fsspec.filesystem("memory")
    files, folders = memory.store, memory.pseudo_dirs
    for path in [each for each in files if each.startswith(f"{folder}/")]:
        del files[path]
    folders[:] = [each for each in folders if each != folder and not each.startswith(f"{folder}/")]
