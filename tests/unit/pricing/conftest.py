"""A desk on an empty store."""

import uuid
from collections.abc import Iterator

import pytest

from pricing_desk import PricingDesk
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store


@pytest.fixture
def desk() -> Iterator[PricingDesk]:
    """A desk whose steps read and write a store of their own, in memory: no fsync to wait for."""
    store = open_store(f"memory://pricing-desk/{uuid.uuid4().hex}")
    use_store(store)
    yield PricingDesk(store)
    use_store(None)
