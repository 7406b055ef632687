"""A desk on an empty store."""

from collections.abc import Iterator

import pytest

from memory_store import store_in_memory
from pricing_desk import PricingDesk


@pytest.fixture
def desk() -> Iterator[PricingDesk]:
    """A desk whose steps read and write a store of their own, in memory: no fsync to wait for."""
    with store_in_memory() as store:
        yield PricingDesk(store)
