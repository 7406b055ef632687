"""Returns over time: time-weighted by linking, money-weighted by XIRR, against a benchmark."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tenuto.catalog import activity
from tenuto.catalog.library.calculate.series import (
    LONG,
    PURE,
    QUEUE,
    SHORT,
    Amounts,
    Day,
    Measure,
    Numbers,
)
from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.core.references import Dataset

Method = Literal["daily", "modified-dietz"]
FlowTiming = Literal["start-of-day", "end-of-day"]


class PerformanceRequest(Record):
    """Measure one portfolio up to one day. What lies after `as_of` is not looked at.

    Each series is given inline or as a table, not both; only the valuations are needed.
    """

    as_of: Day
    """The day returns are measured to; it must be valued."""
    currency: Currency
    """Of every amount."""
    valuations: Amounts = ()
    """Value of the portfolio at the end of the day, after that day's flows, after fees. The
    first one is the inception."""
    valuations_table: Dataset | None = None
    """`date, amount` instead."""
    flows: Amounts = ()
    """What the owner brought in (positive) or took out (negative). A flow on the day of the
    first valuation is part of that valuation."""
    flows_table: Dataset | None = None
    """`date, amount` instead."""
    fees: Amounts = ()
    """Management fees that left the portfolio, positive: they make the gross return."""
    fees_table: Dataset | None = None
    """`date, amount` instead."""
    benchmark: Numbers = ()
    """Levels of the benchmark's total-return index."""
    benchmark_table: Dataset | None = None
    """`date, value` instead."""
    method: Method = "daily"
    """`daily`: true time-weighted, each valuation to the next. `modified-dietz`: flows between two
    valuations are weighted by the days they were there."""
    flow_timing: FlowTiming = "end-of-day"
    """Whether a day's flows were there for that day's gain."""
    calendar: str = "WEEKDAYS"
    """The days that ought to be valued: a market of the `holidays` package, or `WEEKDAYS`."""
    is_money_weighted: bool = True
    """Whether the XIRR since inception is wanted; series without exactly one are then refused."""


class PeriodReturn(Record):
    """A return over one period, or why there is none."""

    value: Decimal | None
    """A fraction, 10 decimals: `0.0125` is one and a quarter percent."""
    since: Day | None = None
    """The day it is measured from."""
    missing: str | None = None
    """Why `value` is None, and what would fix it."""


class Returns(Record):
    """Returns up to `as_of`, from the last day that ought to be valued before each period."""

    day: PeriodReturn
    month_to_date: PeriodReturn
    quarter_to_date: PeriodReturn
    year_to_date: PeriodReturn
    one_year: PeriodReturn
    since_inception: PeriodReturn
    since_inception_annualised: PeriodReturn
    """Only for more than one year."""


class PerformanceResult(Record):
    """The measured returns."""

    as_of: Day
    inception: Day
    net: Returns
    gross: Returns | None
    """Before fees; None when no fees were given."""
    benchmark: Returns | None
    excess_arithmetic: Returns | None
    """Net less benchmark."""
    excess_geometric: Returns | None
    """`(1 + net) / (1 + benchmark) - 1`."""
    money_weighted: Measure
    """XIRR since inception, a yearly fraction, 9 decimals."""
    missing_days: tuple[Day, ...]
    """Days (month ends for `modified-dietz`) that ought to be valued and are not; the first 100."""
    missing_day_count: Annotated[int, Field(ge=0)]


class XirrRequest(Record):
    """The yearly rate at which dated payments are worth nothing together."""

    payments: Annotated[Amounts, Field(min_length=2)]
    """Paid out negative, received positive."""


class XirrResult(Record):
    """The rate."""

    rate: Decimal
    """A yearly fraction, ACT/365, 9 decimals."""


performance = activity(
    "calculate.performance",
    request=PerformanceRequest,
    result=PerformanceResult,
    summary="Measure returns: day to since inception, gross, net, against a benchmark, XIRR.",
    queue=QUEUE,
    start_to_close=LONG,
    idempotency=PURE,
)

xirr = activity(
    "calculate.xirr",
    request=XirrRequest,
    result=XirrResult,
    summary="Find the money-weighted yearly return of dated payments.",
    queue=QUEUE,
    start_to_close=SHORT,
    idempotency=PURE,
)
