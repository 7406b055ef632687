"""Returns of a portfolio from its valuations and flows."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from tenuto.activities.calculate.math.linking import Chain, link
from tenuto.activities.calculate.math.money_weighted import xirr
from tenuto.activities.calculate.math.periods import (
    Growth,
    compare,
    measure,
    reference_days,
    twelve_months_before,
)
from tenuto.activities.calculate.series import read_amounts, read_series
from tenuto.activities.dealing_days import is_dealing_day, last_dealing_day_before
from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.catalog.library.calculate import performance as entry
from tenuto.catalog.library.calculate.performance import (
    PerformanceRequest,
    PerformanceResult,
    XirrRequest,
    XirrResult,
)
from tenuto.catalog.library.calculate.series import Measure
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, divide, total

_INDEX_RATIO_PLACES = 18
_MOST_MISSING_DAYS = 100

Dated = list[tuple[date, Decimal]]


@implements(entry.performance)
def measure_performance(request: PerformanceRequest) -> PerformanceResult:
    """Returns up to `as_of` from every series cut off there.

    Raises DataError `calculate.no-valuation` when `as_of` is not valued or there is nothing
    before it, `calculate.flow-before-inception`, the `calculate.xirr-*` codes, and as reading a
    series does.
    """
    valuations = _valuations(request)
    inception = valuations[0][0]
    flows = _flows(request, "flows", inception)
    fees = _flows(request, "fees", inception)
    is_open = cache(lambda day: is_dealing_day(request.calendar, day))
    days = reference_days(
        request.as_of,
        inception,
        lambda day: last_dealing_day_before(request.calendar, day),
        is_day=is_open(twelve_months_before(request.as_of)),
    )

    def chain(charges: dict[date, Decimal]) -> Chain:
        beat("linking returns")
        return link(
            valuations,
            flows,
            charges=charges,
            method=request.method,
            timing=request.flow_timing,
            is_dealing_day=is_open,
        )

    net = measure(_growth_of(chain({})), days)
    benchmark = _benchmark(request)
    against = measure(benchmark, days) if benchmark else None
    missing = _missing_days(request, [day for day, _ in valuations], is_open)
    return PerformanceResult(
        as_of=request.as_of,
        inception=inception,
        net=net,
        gross=measure(_growth_of(chain(fees)), days) if fees else None,
        benchmark=against,
        excess_arithmetic=compare(net, against, is_geometric=False) if against else None,
        excess_geometric=compare(net, against, is_geometric=True) if against else None,
        money_weighted=_money_weighted(request, valuations, flows),
        missing_days=tuple(missing[:_MOST_MISSING_DAYS]),
        missing_day_count=len(missing),
    )


@implements(entry.xirr)
def find_xirr(request: XirrRequest) -> XirrResult:
    """The money-weighted rate. Raises DataError as `math.money_weighted.xirr` does."""
    beat(f"solving {len(request.payments)} payments")
    return XirrResult(rate=xirr([(each.date, each.amount) for each in request.payments]))


def _valuations(request: PerformanceRequest) -> Dated:
    given = read_series("valuations", request.valuations, request.valuations_table)
    valuations = [each for each in given if each[0] <= request.as_of]
    if not valuations or valuations[-1][0] != request.as_of:
        found = f"the last one is of {valuations[-1][0]}" if valuations else "there is none"
        raise DataError(
            f"The portfolio is not valued on {request.as_of}: {found}. Supply the valuation, or "
            "measure up to a day that has one.",
            code="calculate.no-valuation",
        )
    return valuations


def _flows(request: PerformanceRequest, what: str, inception: date) -> dict[date, Decimal]:
    sums: dict[date, Decimal] = {}
    for day, amount in read_amounts(
        what, getattr(request, what), getattr(request, f"{what}_table")
    ):
        if day < inception:
            raise DataError(
                f"`{what}` has an entry of {day}, before the first valuation of {inception}; "
                "supply an earlier valuation, or leave the entry out.",
                code="calculate.flow-before-inception",
            )
        if day <= request.as_of:
            sums[day] = total([sums.get(day, Decimal(0)), amount])
    return sums


def _growth_of(chain: Chain) -> Growth:
    def growth(since: date, until: date) -> Decimal | str:
        if since not in chain.index:
            return f"No valuation for {since}; supply it."
        broken = chain.break_between(since, until)
        if broken:
            return broken.why
        return divide(
            chain.index[until],
            chain.index[since],
            places=_INDEX_RATIO_PLACES,
            mode=RoundingMode.HALF_EVEN,
        )

    return growth


def _benchmark(request: PerformanceRequest) -> Growth | None:
    levels = dict(
        read_series("benchmark", request.benchmark, request.benchmark_table, column="value")
    )
    if not levels:
        return None

    def growth(since: date, until: date) -> Decimal | str:
        for day in (since, until):
            if day not in levels:
                return f"The benchmark has no level for {day}; supply it."
        return divide(
            levels[until],
            levels[since],
            places=_INDEX_RATIO_PLACES,
            mode=RoundingMode.HALF_EVEN,
        )

    return growth


def _missing_days(
    request: PerformanceRequest, valued: list[date], is_open: Callable[[date], bool]
) -> list[date]:
    """Days after the inception that ought to be valued and are not."""
    count = (request.as_of - valued[0]).days
    days = [valued[0] + timedelta(days=n) for n in range(1, count)]
    due = [day for day in days if is_open(day)]
    if request.method == "modified-dietz":
        due = [
            last
            for month, last in {(day.year, day.month): day for day in due}.items()
            if month != (request.as_of.year, request.as_of.month)
        ]
    return [day for day in due if not _is_in(valued, day)]


def _is_in(ordered: list[date], day: date) -> bool:
    place = bisect_left(ordered, day)
    return place < len(ordered) and ordered[place] == day


def _money_weighted(
    request: PerformanceRequest, valuations: Dated, flows: dict[date, Decimal]
) -> Measure:
    if not request.is_money_weighted:
        return Measure(value=None, missing="Not asked for.")
    inception, opening = valuations[0]
    if inception == request.as_of:
        return Measure(value=None, missing="There is no time between inception and valuation.")
    payments = [(inception, opening.copy_negate()), (request.as_of, valuations[-1][1])]
    payments += [(day, each.copy_negate()) for day, each in flows.items() if day > inception]
    return Measure(value=xirr(payments))
