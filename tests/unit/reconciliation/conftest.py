"""A room to reconcile in, on a store of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rec_room import RecRoom
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RecRoom]:
    """A room whose steps read and write a store of this test alone."""
    store = open_store(str(tmp_path / "artifacts"))
    use_store(store)
    yield RecRoom(store)
    use_store(None)
