"""Risk statistics of a series of returns."""

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tenuto.activities.calculate.math import statistics, value_at_risk
from tenuto.activities.calculate.math.floats import rounded
from tenuto.activities.calculate.math.statistics import PLACES
from tenuto.activities.calculate.series import read_series
from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.catalog.library.calculate import risk as entry
from tenuto.catalog.library.calculate.risk import (
    RiskRequest,
    RiskResult,
    VarAnswer,
    VarQuestion,
)
from tenuto.catalog.library.calculate.series import Measure
from tenuto.core.errors import DataError

_NO_BENCHMARK = Measure(value=None, missing="No benchmark was given.")
_NO_VARIATION = "There is no variation to divide by."
_ONE_RETURN = "A sample of one has no deviation."

Dated = list[tuple[date, Decimal]]


@implements(entry.risk)
def measure_risk(request: RiskRequest) -> RiskResult:
    """The statistics that the request asks for.

    Raises DataError `calculate.no-returns`, `calculate.below-minus-one` for a loss of more than
    everything, `calculate.days-differ` when the benchmark is of other days,
    `calculate.too-few-returns`, and as reading a series does.
    """
    dated = _returns(request)
    values = [float(value) for _, value in dated]
    beat(f"measuring {len(values)} returns")
    year = request.periods_per_year
    spread = statistics.deviation(values, request.deviation)
    free = float(request.risk_free_rate) / year
    target = float(request.target)
    downside = statistics.downside_deviation(values, target)
    centre = statistics.mean(values)
    return RiskResult(
        observations=len(values),
        first=dated[0][0],
        last=dated[-1][0],
        mean=rounded(centre, PLACES),
        volatility=_yearly(spread, year),
        downside_deviation=rounded(downside * math.sqrt(year), PLACES),
        drawdown=statistics.drawdown(dated),
        sharpe=_ratio(centre - free, spread, year),
        sortino=_ratio(centre - target, downside, year),
        **_against_benchmark(request, dated, values),
        value_at_risk=tuple(
            _value_at_risk(each, values, centre, spread) for each in request.value_at_risk
        ),
    )


def _returns(request: RiskRequest) -> Dated:
    dated = read_series("returns", request.returns, request.returns_table, column="value")
    if not dated:
        raise DataError(
            "There are no returns to measure; supply `returns` or `returns_table`.",
            code="calculate.no-returns",
        )
    ruined = next((each for each in dated if each[1] < -1), None)
    if ruined:
        raise DataError(
            f"The return of {ruined[0]} is {ruined[1]}: a loss of more than everything. A return "
            "is a fraction, so -3.5 % is -0.035; check the unit.",
            code="calculate.below-minus-one",
        )
    return dated


def _against_benchmark(
    request: RiskRequest, dated: Dated, values: Sequence[float]
) -> dict[str, Measure]:
    benchmark = read_series("benchmark", request.benchmark, request.benchmark_table, column="value")
    names = ("tracking_error", "information_ratio", "beta", "correlation")
    if not benchmark:
        return dict.fromkeys(names, _NO_BENCHMARK)
    _refuse_other_days([day for day, _ in dated], [day for day, _ in benchmark])
    theirs = [float(value) for _, value in benchmark]
    active = [ours - other for ours, other in zip(values, theirs, strict=True)]
    error = statistics.deviation(active, request.deviation)
    year = request.periods_per_year
    return {
        "tracking_error": _yearly(error, year),
        "information_ratio": _ratio(statistics.mean(active), error, year),
        "beta": _measure(statistics.beta(values, theirs)),
        "correlation": _measure(statistics.correlation(values, theirs)),
    }


def _refuse_other_days(ours: list[date], theirs: list[date]) -> None:
    odd = sorted(set(ours) ^ set(theirs))
    if odd:
        raise DataError(
            f"Returns and benchmark are not of the same days: {len(odd)} are in one of them only, "
            f"the first is {odd[0]}. Supply both for every day.",
            code="calculate.days-differ",
            details={"days": [day.isoformat() for day in odd[:100]]},
        )


def _value_at_risk(
    question: VarQuestion, values: Sequence[float], centre: float, spread: float | None
) -> VarAnswer:
    if question.method == "normal":
        if spread is None:
            raise DataError(
                "One return has no deviation; a value at risk needs two or more.",
                code="calculate.too-few-returns",
            )
        loss, shortfall = value_at_risk.normal(
            centre, spread, float(question.confidence), question.horizon
        )
    else:
        scale = math.sqrt(question.horizon)
        loss, shortfall = (
            each * scale
            for each in value_at_risk.historical(
                values, Fraction(question.confidence), question.quantile
            )
        )
    return VarAnswer(
        question=question,
        value_at_risk=rounded(loss, PLACES),
        expected_shortfall=rounded(shortfall, PLACES),
    )


def _yearly(spread: float | None, periods_per_year: int) -> Measure:
    if spread is None:
        return Measure(value=None, missing=_ONE_RETURN)
    return Measure(value=rounded(spread * math.sqrt(periods_per_year), PLACES))


def _ratio(excess: float, spread: float | None, periods_per_year: int) -> Measure:
    if spread is None:
        return Measure(value=None, missing=_ONE_RETURN)
    if spread == 0:
        return Measure(value=None, missing=_NO_VARIATION)
    return Measure(value=rounded(excess / spread * math.sqrt(periods_per_year), PLACES))


def _measure(value: float | None) -> Measure:
    if value is None:
        return Measure(value=None, missing=_NO_VARIATION)
    return Measure(value=rounded(value, PLACES))
