"""A folder this worker may read from, a store, and files written into the one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that may be read."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    monkeypatch.setenv("TENUTO_FILES_ROOTS", str(folder))
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    """The store that bodies find."""
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)
