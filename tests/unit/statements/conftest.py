"""Statements as bytes in, tables out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from statement_samples import Reader
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    """The store that bodies find."""
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


@pytest.fixture
def read(store: ArtifactStore) -> Reader:
    """Runs `fetch.statements`."""
    return Reader(store)
