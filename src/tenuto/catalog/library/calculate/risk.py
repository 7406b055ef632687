"""Risk of a series of returns, and whether a value at risk has kept its promise."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from tenuto.catalog import activity
from tenuto.catalog.library.calculate.series import (
    LONG,
    MOST_INLINE,
    PURE,
    QUEUE,
    SHORT,
    Day,
    Measure,
    Numbers,
)
from tenuto.core.records import Record
from tenuto.core.references import Dataset

Confidence = Annotated[Decimal, Field(gt=Decimal("0.5"), lt=1)]


Zone = Literal["green", "yellow", "red"]


class VarQuestion(Record):
    """One value at risk to compute."""

    confidence: Confidence
    """`0.99`: the loss is exceeded in one period of a hundred."""
    horizon: PositiveInt = 1
    """Periods; beyond 1 scaled by the square root of time."""
    method: Literal["historical", "normal"] = "historical"
    quantile: Literal["worst", "inverse", "interpolated"] = "worst"
    """For `historical`, of n returns at confidence c. `worst`: the loss of rank n(1-c), rounded
    down, at least the worst. `inverse`: the smallest loss that a share c does not exceed.
    `interpolated`: linear between ranks, as spreadsheets do."""


class RiskRequest(Record):
    """Measure one series of simple returns per period. Series are given inline or as a table."""

    returns: Numbers = ()
    returns_table: Dataset | None = None
    """`date, value` instead."""
    benchmark: Numbers = ()
    """Returns on exactly the same days."""
    benchmark_table: Dataset | None = None
    """`date, value` instead."""
    periods_per_year: PositiveInt
    """252 for trading days, 52, 12; what yearly figures are scaled by."""
    risk_free_rate: Decimal = Decimal(0)
    """A yearly fraction; a period bears it divided by `periods_per_year`."""
    target: Decimal = Decimal(0)
    """The return per period below which there is downside."""
    deviation: Literal["sample", "population"] = "sample"
    """Divide squares by n - 1 or by n; downside deviation always by n."""
    value_at_risk: Annotated[tuple[VarQuestion, ...], Field(max_length=20)] = ()


class Drawdown(Record):
    """The deepest fall from a peak."""

    depth: Decimal
    """A fraction, 0 or negative, 10 decimals."""
    peak: Day | None
    """Last day at the peak; None when the fall begins with the first return."""
    trough: Day | None
    """None when the value never fell."""
    recovered: Day | None
    """First day at or above the peak again; None when it was not reached."""


class VarAnswer(Record):
    """One value at risk."""

    question: VarQuestion
    value_at_risk: Decimal
    """Loss as a fraction of the value, 10 decimals; negative when even that is a gain."""
    expected_shortfall: Decimal
    """Mean of the losses that are at least the value at risk."""


class RiskResult(Record):
    """All statistics as fractions with 10 decimals."""

    observations: PositiveInt
    first: Day
    last: Day
    mean: Decimal
    """Per period."""
    volatility: Measure
    """Yearly."""
    downside_deviation: Decimal
    """Yearly, against `target`."""
    drawdown: Drawdown
    sharpe: Measure
    """Yearly."""
    sortino: Measure
    """Yearly."""
    tracking_error: Measure
    """Yearly."""
    information_ratio: Measure
    """Yearly."""
    beta: Measure
    correlation: Measure
    value_at_risk: tuple[VarAnswer, ...]


class VarOutcome(Record):
    """What a value at risk said about a day, and what the day brought."""

    date: Day
    result: Decimal
    """Profit, or loss if negative, in any unit."""
    value_at_risk: Annotated[Decimal, Field(ge=0)]
    """In the same unit, a loss as a positive number."""


class VarBacktestRequest(Record):
    """Hold outcomes, or counted exceptions, against a value at risk."""

    confidence: Confidence
    outcomes: Annotated[tuple[VarOutcome, ...], Field(max_length=MOST_INLINE)] = ()
    outcomes_table: Dataset | None = None
    """`date, result, value_at_risk` instead."""
    observations: PositiveInt | None = None
    exceptions: NonNegativeInt | None = None
    """With `observations`, in place of outcomes."""
    test_confidence: Confidence = Decimal("0.95")
    """Of the Kupiec test."""

    @model_validator(mode="after")
    def _is_given_once(self) -> Self:
        counted = (self.observations is not None, self.exceptions is not None)
        ways = [bool(self.outcomes), self.outcomes_table is not None, all(counted)]
        if sum(ways) != 1 or any(counted) != all(counted):
            raise ValueError(
                "give exactly one of `outcomes`, `outcomes_table`, or both `observations` and "
                "`exceptions`"
            )
        if self.observations is not None and (self.exceptions or 0) > self.observations:
            raise ValueError("there are more exceptions than observations")
        return self


class KupiecTest(Record):
    """Proportion of failures (Kupiec 1995)."""

    statistic: Decimal
    """Likelihood ratio, chi-squared with one degree of freedom."""
    p_value: Decimal
    critical_value: Decimal
    is_rejected: bool
    """The number of exceptions does not fit the confidence."""
    fewest: int
    most: int
    """From `fewest` to `most` exceptions the test does not reject."""


class TrafficLight(Record):
    """The zone of the Basel Committee's supervisory framework (January 1996)."""

    zone: Zone
    cumulative_probability: Decimal
    """Of this many exceptions or fewer from an exact model."""
    increase: Decimal | None
    """Added to the multiplier of 3; only for 250 days at 99 %, None otherwise."""


class VarBacktestResult(Record):
    """Both tests."""

    observations: PositiveInt
    exceptions: NonNegativeInt
    exception_days: tuple[Day, ...]
    """The first 100; none when exceptions were counted elsewhere."""
    expected: Decimal
    kupiec: KupiecTest
    basel: TrafficLight


risk = activity(
    "calculate.risk",
    request=RiskRequest,
    result=RiskResult,
    summary="Measure volatility, drawdown, ratios, beta, value at risk, expected shortfall.",
    queue=QUEUE,
    start_to_close=LONG,
    idempotency=PURE,
)

var_backtest = activity(
    "calculate.var_backtest",
    request=VarBacktestRequest,
    result=VarBacktestResult,
    summary="Test a value at risk against outcomes: Kupiec, Basel traffic light.",
    queue=QUEUE,
    start_to_close=SHORT,
    idempotency=PURE,
)
