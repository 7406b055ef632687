"""A store in memory, and tables in it."""

import uuid
from collections.abc import Callable, Iterator

import polars as pl
import pytest

from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.references import Dataset

Put = Callable[[pl.DataFrame], Dataset]


@pytest.fixture
def store() -> Iterator[ArtifactStore]:
    """The store that the bodies read and write."""
    opened = open_store(f"memory://validate/{uuid.uuid4().hex}")
    use_store(opened)
    yield opened
    use_store(None)


@pytest.fixture
def put(store: ArtifactStore) -> Put:
    """Stores a table."""
    return lambda frame: store.put_table(frame, name="positions")
