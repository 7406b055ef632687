"""A desk on an empty store, and the fund that the golden numbers are worked out for."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from memory_store import store_in_memory
from nav_desk import NavDesk
from tenuto.packs.finance.models import Fee, Fund, ShareClass


@pytest.fixture
def desk() -> Iterator[NavDesk]:
    """A desk whose steps read and write a store of their own, in memory: no fsync to wait for."""
    with store_in_memory() as store:
        yield NavDesk(store)


@pytest.fixture
def fund() -> Fund:
    """EUR base; class A in EUR, class U in USD; a fund fee and class fees."""
    return Fund(
        fund_id="GOLD",
        name="Golden Fund",
        base_currency="EUR",
        inception=date(2024, 1, 2),
        dealing_calendar="WEEKDAYS",
        classes=(
            ShareClass(
                class_id="A",
                currency="EUR",
                launch_date=date(2024, 1, 2),
                launch_price=Decimal(100),
                units=Decimal(1000),
                fees=(Fee(fee_id="management", kind="percentage", rate=Decimal("0.01")),),
            ),
            ShareClass(
                class_id="U",
                currency="USD",
                launch_date=date(2024, 1, 2),
                launch_price=Decimal(100),
                units=Decimal(500),
                fees=(Fee(fee_id="management", kind="percentage", rate=Decimal("0.005")),),
            ),
        ),
        fees=(Fee(fee_id="administration", kind="fixed", amount=Decimal(3650)),),
    )


@pytest.fixture
def plain_fund() -> Fund:
    """EUR base, one class of 1000 units at 100, no fees: 100000 EUR at launch."""
    return Fund(
        fund_id="PLAIN",
        name="Plain Fund",
        base_currency="EUR",
        inception=date(2024, 1, 2),
        dealing_calendar="WEEKDAYS",
        classes=(
            ShareClass(
                class_id="A",
                currency="EUR",
                launch_date=date(2024, 1, 2),
                launch_price=Decimal(100),
                units=Decimal(1000),
            ),
        ),
    )
