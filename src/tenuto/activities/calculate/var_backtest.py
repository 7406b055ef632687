"""The tests of a value at risk."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.activities.calculate.math.backtest import kupiec, traffic_light
from tenuto.activities.calculate.series import read_rows
from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.catalog.library.calculate import risk as entry
from tenuto.catalog.library.calculate.risk import VarBacktestRequest, VarBacktestResult
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, round_to

_MOST_DAYS = 100


@implements(entry.var_backtest)
def backtest_var(request: VarBacktestRequest) -> VarBacktestResult:
    """Both tests of the counted exceptions.

    A day is an exception when its loss is greater than the value at risk; one equal to it is not.
    Raises DataError `calculate.no-outcomes`, and as reading a table does.
    """
    days: list[date] = []
    if request.observations is not None:
        observations, exceptions = request.observations, request.exceptions or 0
    else:
        outcomes = _outcomes(request)
        days = sorted(day for day, result, limit in outcomes if result < limit.copy_negate())
        observations, exceptions = len(outcomes), len(days)
    beat(f"testing {exceptions} exceptions in {observations} days")
    tail = 1 - Fraction(request.confidence)
    return VarBacktestResult(
        observations=observations,
        exceptions=exceptions,
        exception_days=tuple(days[:_MOST_DAYS]),
        expected=round_to(observations * tail, 4, RoundingMode.HALF_EVEN),
        kupiec=kupiec(observations, exceptions, float(tail), float(request.test_confidence)),
        basel=traffic_light(observations, exceptions, tail),
    )


def _outcomes(request: VarBacktestRequest) -> list[tuple[date, Decimal, Decimal]]:
    if request.outcomes_table is None:
        return [(each.date, each.result, each.value_at_risk) for each in request.outcomes]
    rows = read_rows(
        "outcomes",
        request.outcomes_table,
        {"date": pl.Date(), "result": None, "value_at_risk": None},
    )
    if not rows:
        raise DataError(
            "The table of outcomes has no rows; supply one row per day.",
            code="calculate.no-outcomes",
        )
    return [(row["date"], row["result"], row["value_at_risk"]) for row in rows]
