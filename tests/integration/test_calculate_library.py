"""OPS-18: the calculate entries through a real server, a real worker, and the sandbox."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError

from calculating import MonthEnd, MonthEndResult
from tenuto.activities.calculate.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.describe import describe_workflow
from tenuto.engine.converter import error_code
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.packs.finance.calculate.pack import pack as fund_pack
from tenuto.triggers.start import start

MODULE, QUEUE = "calculating", "compute"


@pytest_asyncio.fixture
async def store(client: Client, tmp_path: Path) -> AsyncIterator[ArtifactStore]:
    """A store, and a worker that calculates on it."""
    store = open_store(str(tmp_path / "artifacts"))
    use_store(store)
    registration = load_registration([pack, fund_pack], [MODULE], QUEUE)
    (worker,) = build_workers(client, registration, WorkerSettings(), is_embedded=True)
    async with worker:
        yield store
    use_store(None)


def month_end(store: ArtifactStore, *priced: str) -> dict[str, Any]:
    held = pl.DataFrame(
        {"instrument_id": ["A", "B"], "quantity": [Decimal(1000), Decimal(2500)]},
        schema_overrides={"quantity": pl.Decimal(38, 8)},
    )
    prices = pl.DataFrame(
        {"instrument_id": ["A", "B"], "price": [Decimal("25.50"), Decimal("4.20")]}
    ).with_columns(currency=pl.lit("EUR"))
    return {
        "valuation": {
            "positions": store.put_table(held, name="positions"),
            "prices": store.put_table(
                prices.filter(pl.col("instrument_id").is_in(priced)), name="prices"
            ),
            "base_currency": "EUR",
        },
        "bond": {
            "bonds": [
                {
                    "bond_id": "8 3/4 2020",
                    "convention": "us-treasury",
                    "coupon_rate": "0.0875",
                    "yield_rate": "0.0884",
                    "settlement": "1990-05-15",
                    "maturity": "2020-05-15",
                }
            ]
        },
        "option": {
            "options": [
                {
                    "option_id": "Hull",
                    "model": "black-scholes-merton",
                    "kind": "call",
                    "underlying": "42",
                    "strike": "40",
                    "years": "0.5",
                    "rate": "0.1",
                    "volatility": "0.2",
                }
            ]
        },
        "performance": {
            "as_of": "2024-01-31",
            "currency": "EUR",
            "method": "modified-dietz",
            "valuations": [
                {"date": "2023-12-29", "amount": "100"},
                {"date": "2024-01-31", "amount": "110"},
            ],
        },
        "fees": {
            "fees": [{"fee_id": "management", "kind": "percentage", "rate": "0.0365"}],
            "assets": "0",
            "currency": "EUR",
            "after": "2024-01-30",
            "through": "2024-01-31",
        },
    }


async def test_ops_18_a_month_end_is_calculated(client: Client, store: ArtifactStore) -> None:
    entry = describe_workflow(MonthEnd, QUEUE)
    handle = await start(client, entry, month_end(store, "A", "B"))
    result = MonthEndResult.model_validate(await handle.result())

    assert result.valuation.value == Decimal("36000.00")
    assert store.get_table(result.valuation.positions).height == 2
    assert result.bond.bonds[0].clean_price.quantize(Decimal("1e-6")) == Decimal("99.057893")
    assert result.option.options[0].price.quantize(Decimal("0.01")) == Decimal("4.76")
    assert result.performance.net.month_to_date.value == Decimal("0.1000000000")
    assert result.performance.net.since_inception.since == date(2023, 12, 29)
    assert result.fees.amount == Decimal("3.60")


async def test_ops_18_a_missing_price_ends_the_run_at_the_first_attempt(
    client: Client, store: ArtifactStore
) -> None:
    entry = describe_workflow(MonthEnd, QUEUE)
    handle = await start(client, entry, month_end(store, "A"))
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()

    cause: BaseException | None = failed.value
    while cause is not None and error_code(cause) is None:
        cause = cause.__cause__
    assert error_code(cause) == "calculate.price-missing"
    history = await handle.fetch_history()
    attempts = [
        event.activity_task_started_event_attributes.attempt
        for event in history.events
        if event.HasField("activity_task_started_event_attributes")
    ]
    assert attempts == [1]
