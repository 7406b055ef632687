"""A store of each test's own, and properties judged by their answer, not by their time."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from memory_store import store_in_memory
from tenuto.artifacts.store import ArtifactStore

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture
def store() -> Iterator[ArtifactStore]:
    """In memory: no fsync to wait for."""
    with store_in_memory() as store:
        yield store
