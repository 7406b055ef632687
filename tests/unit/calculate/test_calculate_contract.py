"""What every calculation promises the engine: one answer, the right error, a clean stop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import BaseModel
from temporalio.activity import _Definition
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from tenuto.activities.calculate.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.errors import DataError, NotFoundError, TransientError
from tenuto.core.references import Dataset
from tenuto.engine.registration import load_registration
from tenuto.packs.finance.calculate.pack import pack as fund_pack

REGISTERED = load_registration([pack, fund_pack])
BODIES: dict[str, Callable[[Any], Any]] = {
    _Definition.must_from_callable(body).name or "": body
    for body in REGISTERED.queues["compute"].activities
}
ENTRIES = REGISTERED.catalog.activities

DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(5)]


@dataclass(frozen=True)
class Case:
    """Requests of one entry, as JSON over the tables of a store."""

    good: Callable[[ArtifactStore], dict[str, Any]]
    bad: dict[str, Any]
    """Changes that make it data that no attempt could use."""
    code: str


def table(store: ArtifactStore, **columns: list[Any]) -> Dataset:
    return store.put_table(pl.DataFrame(columns), name="table")


def performance(store: ArtifactStore) -> dict[str, Any]:
    amounts = [Decimal(100 + n) for n in range(5)]
    return {
        "as_of": DAYS[-1],
        "currency": "EUR",
        "valuations_table": table(store, date=DAYS, amount=amounts),
    }


def risk(store: ArtifactStore) -> dict[str, Any]:
    values = [Decimal(n).scaleb(-2) for n in range(-2, 3)]
    return {"returns_table": table(store, date=DAYS, value=values), "periods_per_year": 252}


def backtest(store: ArtifactStore) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {
        "date": DAYS,
        "result": [1, 2, -3, 4, 5],
        "value_at_risk": [2] * 5,
    }
    return {"confidence": "0.99", "outcomes_table": table(store, **columns)}


def valuation(store: ArtifactStore) -> dict[str, Any]:
    prices: dict[str, list[Any]] = {
        "instrument_id": ["A"],
        "price": [Decimal("1.5")],
        "currency": ["EUR"],
    }
    return {
        "positions": table(store, instrument_id=["A"], quantity=[10]),
        "prices": table(store, **prices),
        "base_currency": "EUR",
    }


def bond(store: ArtifactStore) -> dict[str, Any]:
    return {
        "table": table(
            store,
            bond_id=["B"],
            convention=["us-street"],
            settlement=[date(2024, 1, 2)],
            maturity=[date(2030, 1, 15)],
            coupon_rate=[Decimal("0.05")],
            clean_price=[Decimal("99.5")],
        )
    }


def accruals(store: ArtifactStore) -> dict[str, Any]:
    return {
        "on": date(2024, 1, 2),
        "table": table(
            store,
            instrument_id=["B"],
            currency=["EUR"],
            nominal=[100000],
            coupon_rate=[Decimal("0.03")],
            day_count=["30E/360"],
            last_coupon_date=[date(2023, 11, 1)],
            next_coupon_date=[date(2024, 11, 1)],
        ),
    }


def inline(**fields: Any) -> Callable[[ArtifactStore], dict[str, Any]]:
    return lambda store: fields


PAYMENTS = [{"date": DAYS[0], "amount": "-100"}, {"date": DAYS[-1], "amount": "101"}]
OPTION = {
    "option_id": "O",
    "model": "black-scholes-merton",
    "kind": "call",
    "underlying": "100",
    "strike": "100",
    "years": "1",
    "rate": "0.05",
}
FORWARD = {
    "base": "EUR",
    "quote": "USD",
    "spot": "1.1",
    "spot_date": DAYS[0],
    "delivery": DAYS[-1],
    "base_rate": "0.03",
    "quote_rate": "0.05",
}
FEES = [{"fee_id": "m", "kind": "percentage", "rate": "0.01"}]
CLASS = {
    "class_id": "A",
    "currency": "EUR",
    "launch_date": DAYS[0],
    "launch_price": "100",
    "units": "10",
}
STATE = {"share_class": CLASS, "prior_nav": "1000", "opening_units": "10"}

CASES = {
    "calculate.performance": Case(performance, {"as_of": "2025-01-01"}, "calculate.no-valuation"),
    "calculate.xirr": Case(
        inline(payments=PAYMENTS),
        {"payments": [PAYMENTS[0], PAYMENTS[0]]},
        "calculate.xirr-no-root",
    ),
    "calculate.risk": Case(
        risk, {"value_at_risk": [{"confidence": "0.99"}]}, "calculate.too-few-returns"
    ),
    "calculate.var_backtest": Case(backtest, {}, "calculate.bad-column"),
    "calculate.valuation": Case(valuation, {"base_currency": "USD"}, "calculate.fx-missing"),
    "calculate.bond": Case(bond, {}, "calculate.bad-column"),
    "calculate.option": Case(
        inline(options=[OPTION | {"volatility": "0.2"}]),
        {"options": [OPTION | {"price": "150"}]},
        "calculate.no-implied-volatility",
    ),
    "calculate.fx_forward": Case(
        inline(forwards=[FORWARD]),
        {"forwards": [FORWARD | {"base_rate": "-1000"}]},
        "calculate.bad-rate",
    ),
    "calculate.accruals": Case(accruals, {"on": "2025-01-02"}, "calculate.not-accrued"),
    "calculate.fees": Case(
        inline(fees=FEES, assets="1000", currency="EUR", after=DAYS[0], through=DAYS[1]),
        {"assets": "-1"},
        "nav.negative",
    ),
    "calculate.share_classes": Case(
        inline(assets="1001.00", base_currency="EUR", classes=[STATE]),
        {"classes": [STATE | {"redeemed_units": "11"}]},
        "nav.units-negative",
    ),
}
WITH_TABLES = [
    f"calculate.{name}"
    for name in ("performance", "risk", "var_backtest", "valuation", "bond", "accruals")
]


@pytest.fixture
def folder_store(tmp_path: Path) -> Iterator[ArtifactStore]:
    """On a disk, so that the disk can go away."""
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


def request(name: str, fields: dict[str, Any]) -> BaseModel:
    model: type[BaseModel] = ENTRIES[name].request
    return model.model_validate(fields)


def run(name: str, asked: BaseModel) -> Any:
    return ActivityEnvironment().run(BODIES[name], asked)


def test_every_entry_has_its_body_and_its_case() -> None:
    assert set(BODIES) == set(ENTRIES) == set(CASES)
    assert all(entry.queue == "compute" for entry in ENTRIES.values())
    assert all(entry.idempotency and entry.summary for entry in ENTRIES.values())


@pytest.mark.parametrize("name", CASES)
def test_ops_18_the_same_request_has_the_same_answer(
    name: str, folder_store: ArtifactStore
) -> None:
    asked = request(name, CASES[name].good(folder_store))
    first, second = run(name, asked), run(name, asked)

    assert isinstance(first, ENTRIES[name].result)
    assert first.model_dump_json() == second.model_dump_json()
    assert type(first).model_validate_json(first.model_dump_json()) == first


@pytest.mark.parametrize("name", CASES)
def test_ops_18_bad_data_is_an_error_that_is_not_retried(
    name: str, folder_store: ArtifactStore
) -> None:
    case = CASES[name]
    fields = case.good(folder_store) | case.bad
    if not case.bad:
        fields |= {
            key: table(folder_store, nothing=[1.5])
            for key, each in fields.items()
            if isinstance(each, Dataset)
        }
    with pytest.raises(DataError) as refused:
        run(name, request(name, fields))

    assert refused.value.code == case.code
    assert not refused.value.is_retryable


@pytest.mark.parametrize("name", WITH_TABLES)
def test_ops_18_a_table_that_is_not_there_is_not_retried(
    name: str, folder_store: ArtifactStore, tmp_path: Path
) -> None:
    asked = request(name, CASES[name].good(folder_store))
    use_store(open_store(str(tmp_path / "empty")))
    with pytest.raises(NotFoundError) as refused:
        run(name, asked)

    assert not refused.value.is_retryable


@pytest.mark.parametrize("name", WITH_TABLES)
def test_ops_18_a_disk_that_comes_back_is_worth_another_attempt(
    name: str, folder_store: ArtifactStore, tmp_path: Path
) -> None:
    asked = request(name, CASES[name].good(folder_store))
    before = run(name, asked)
    kept, place = tmp_path / "kept", tmp_path / "store"
    place.rename(kept)
    place.write_bytes(b"not a folder")
    with pytest.raises(TransientError) as failed:
        run(name, asked)
    assert failed.value.is_retryable

    place.unlink()
    kept.rename(place)
    assert run(name, asked) == before


@pytest.mark.parametrize("name", CASES)
def test_ops_14_a_cancelled_calculation_stops_and_leaves_nothing(
    name: str, folder_store: ArtifactStore
) -> None:
    asked = request(name, CASES[name].good(folder_store))
    before = folder_store.totals()
    environment = ActivityEnvironment()
    beats: list[Any] = []

    def cancel(*details: Any) -> None:
        beats.append(details)
        environment.cancel()

    environment.on_heartbeat = cancel
    with pytest.raises(CancelledError):
        environment.run(BODIES[name], asked)

    assert len(beats) == 1
    assert folder_store.totals() == before
