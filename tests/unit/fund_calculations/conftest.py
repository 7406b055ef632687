"""A store of each test's own, and properties judged by their answer, not by their time."""

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture
def store() -> Iterator[ArtifactStore]:
    """In memory: no fsync to wait for."""
    store = open_store(f"memory://calculate/{uuid.uuid4().hex}")
    use_store(store)
    yield store
    use_store(None)
