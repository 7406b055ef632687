"""A NAV is struck by Polars and proved by DuckDB: a wrong cent anywhere stops the release."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Literal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from long_runs import examples
from nav_desk import NavDesk, Struck
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode
from tenuto.packs.finance.models import Fund, RoundingPolicy
from tenuto.packs.finance.nav.activities.prove import prove
from tenuto.packs.finance.nav.handoffs import (
    ProveRequest,
    Strike,
)
from tenuto.packs.finance.nav.models import DailyNavRequest, NavResult

DAY = date(2024, 1, 2)
POSITIONS = """instrument_id,quantity,currency,price_unit,coupon_rate,day_count,coupon_frequency,\
last_coupon_date,next_coupon_date
X,500,EUR,,,,,,
Y,1000.5,USD,,,,,,
B,10000,EUR,per100,0.05,ACT/365,1,2023-07-01,2024-07-01
S,-30,GBP,GBX,,,,,
"""
PRICES = """instrument_id,date,price,currency
X,2024-01-01,99,EUR
X,2024-01-02,100,EUR
Y,2024-01-02,75.125,USD
B,2024-01-02,98.7,EUR
S,2024-01-02,1234.5,GBP
"""
FX = "date,base,quote,rate\n2024-01-02,EUR,USD,1.2503\n2024-01-02,GBP,EUR,1.1547\n"
CASH = "account,currency,amount\nmain,EUR,20000\nmain,USD,12500.01\n"

_NUMBERS = itertools.count()


def request(desk: NavDesk, fund: Fund) -> DailyNavRequest:
    return desk.request(fund, DAY, positions=POSITIONS, prices=PRICES, fx=FX, cash=CASH)


@pytest.fixture
def case(desk: NavDesk, fund: Fund) -> tuple[Strike, Struck]:
    asked = request(desk, fund)
    return desk.prepare(asked)[0], desk.strike(asked)


def prove_again(desk: NavDesk, strike: Strike, result: NavResult) -> NavResult:
    candidate = desk.store.put_json(result, name="candidate.json")
    proved = prove(ProveRequest(strike=strike, candidate=candidate))
    return NavResult.model_validate_json(desk.store.get_bytes(proved.candidate))


def test_the_proof_lists_each_figure_twice(case: tuple[Strike, Struck]) -> None:
    proof = case[1].result.proof
    assert proof is not None
    assert proof.engine.startswith("DuckDB ")
    assert proof.positions == 4
    assert [line.figure for line in proof.lines] == [
        "positions",
        "GAV",
        "liabilities",
        "NAV",
        "NAV of all classes",
        "class A per unit",
        "class U per unit",
    ]
    assert all(line.struck == line.proved for line in proof.lines)


@pytest.mark.parametrize("column", ["base_value", "price", "quantity"])
def test_a_position_that_is_off_by_its_last_digit_stops_the_release(
    desk: NavDesk, case: tuple[Strike, Struck], column: str
) -> None:
    strike, struck = case
    scale = struck.positions.schema[column].scale  # type: ignore[attr-defined]
    last_digit = pl.lit(Decimal(1).scaleb(-scale), dtype=struck.positions.schema[column])
    is_x = pl.col("instrument_id") == "X"
    wrong = struck.positions.with_columns(
        pl.when(is_x).then(pl.col(column) + last_digit).otherwise(pl.col(column)).alias(column)
    ).cast(struck.positions.schema)
    positions = desk.store.put_table(wrong, name="valued positions")
    with pytest.raises(DataError, match="disagree on 1 position") as refused:
        prove_again(desk, strike, struck.result.model_copy(update={"positions": positions}))
    assert refused.value.code == "nav.proof-failed"
    assert refused.value.details["positions"][0][0] == "X"


@pytest.mark.parametrize("figure", ["positions_value", "gav", "liabilities", "nav"])
def test_a_total_that_is_off_by_a_cent_stops_the_release(
    desk: NavDesk, case: tuple[Strike, Struck], figure: str
) -> None:
    strike, struck = case
    wrong = {figure: getattr(struck.result, figure) + Decimal("0.01")}
    with pytest.raises(DataError, match="disagree") as refused:
        prove_again(desk, strike, struck.result.model_copy(update=wrong))
    assert refused.value.code == "nav.proof-failed"


def test_a_class_that_is_off_by_a_hundredth_of_a_cent_stops_the_release(
    desk: NavDesk, case: tuple[Strike, Struck]
) -> None:
    strike, struck = case
    first, *others = struck.result.classes
    wrong = first.model_copy(update={"nav_per_unit": first.nav_per_unit + Decimal("0.0001")})
    with pytest.raises(DataError, match="class A per unit"):
        prove_again(desk, strike, struck.result.model_copy(update={"classes": (wrong, *others)}))


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    mode=st.sampled_from(RoundingMode),
    level=st.sampled_from(["position", "total"]),
    places=st.integers(0, 4),
    quantities=st.lists(st.decimals(-99999, 99999, places=4).filter(bool), min_size=1, max_size=8),
    price=st.decimals("0.0001", 9999, places=6),
    rate=st.decimals("0.01", 200, places=6),
    is_inverse=st.booleans(),
)
def test_both_engines_agree_whatever_the_book(
    desk: NavDesk,
    plain_fund: Fund,
    mode: RoundingMode,
    level: Literal["position", "total"],
    places: int,
    quantities: list[Decimal],
    price: Decimal,
    rate: Decimal,
    is_inverse: bool,
) -> None:
    rounding = RoundingPolicy(mode=mode, level=level, position_places=places)
    # A name is bound once, so each example is a fund of its own.
    fund = plain_fund.model_copy(update={"rounding": rounding, "fund_id": f"F{next(_NUMBERS)}"})
    rows = [f"I{n},{quantity}" for n, quantity in enumerate(quantities)]
    prices = [f"I{n},2024-01-02,{price},USD" for n in range(len(quantities))]
    pair = "EUR,USD" if is_inverse else "USD,EUR"
    struck = desk.strike(
        desk.request(
            fund,
            DAY,
            positions="\n".join(["instrument_id,quantity", *rows]),
            prices="\n".join(["instrument_id,date,price,currency", *prices]),
            fx=f"date,base,quote,rate\n2024-01-02,{pair},{rate}\n",
            cash="account,currency,amount\nmain,EUR,999999999999\n",
        )
    )
    assert struck.result.proof is not None
    assert struck.result.proof.positions == len(quantities)
