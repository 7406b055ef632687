"""A store in memory, and tables in it."""

from collections.abc import Callable, Iterator

import polars as pl
import pytest

from memory_store import store_in_memory
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset

Put = Callable[[pl.DataFrame], Dataset]


@pytest.fixture
def store() -> Iterator[ArtifactStore]:
    """The store that the bodies read and write."""
    with store_in_memory() as store:
        yield store


@pytest.fixture
def put(store: ArtifactStore) -> Put:
    """Stores a table."""
    return lambda frame: store.put_table(frame, name="positions")
