"""Step 8: each class's returns, against the NAVs that were released before."""

from datetime import date
from decimal import Decimal

from tenuto.activities.dealing_days import last_dealing_day_before
from tenuto.catalog import implements
from tenuto.packs.finance.math.performance import (
    LAUNCH_INDEX,
    ReferenceDays,
    measure,
    next_index,
)
from tenuto.packs.finance.models import ShareClass
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import latest_on, read_result
from tenuto.packs.finance.nav.activities.opened import OpenStrike, open_strike
from tenuto.packs.finance.nav.handoffs import MeasuredPerformance, MeasurePerformanceRequest
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import ClassNav

History = dict[date, NavResult]


@implements(catalog.measure_performance)
def measure_performance(request: MeasurePerformanceRequest) -> MeasuredPerformance:
    """The classes with index and returns, and which NAVs they are measured against.

    A NAV that was restated counts with its latest version; one that was never struck leaves
    the return missing.
    """
    opened = open_strike(request.strike)
    days = _reference_days(opened)
    history, compared_with = _history(opened, days)
    by_id = {each.class_id: each for each in request.strike.fund.classes}
    return MeasuredPerformance(
        classes=tuple(
            _measured(opened, each, by_id[each.class_id], history, days) for each in request.classes
        ),
        compared_with=compared_with,
    )


def _reference_days(opened: OpenStrike) -> ReferenceDays:
    calendar, day = opened.strike.fund.dealing_calendar, opened.strike.date
    return ReferenceDays(
        previous=last_dealing_day_before(calendar, day),
        month_end=last_dealing_day_before(calendar, day.replace(day=1)),
        year_end=last_dealing_day_before(calendar, day.replace(month=1, day=1)),
    )


def _history(opened: OpenStrike, days: ReferenceDays) -> tuple[History, dict[str, str]]:
    strike = opened.strike
    history: History = {}
    compared_with: dict[str, str] = {}
    for day in sorted({days.previous, days.month_end, days.year_end}):
        if opened.prior is not None and opened.prior.date == day and strike.inputs.prior:
            history[day] = opened.prior
            compared_with[opened.prior.nav_id] = strike.inputs.prior.sha256
            continue
        found = latest_on(opened.store, strike.fund.fund_id, strike.nav_type, day)
        if found is not None:
            history[day] = read_result(opened.store, found.document)
            compared_with[found.nav_id] = found.document.sha256
    return history, compared_with


def _measured(
    opened: OpenStrike,
    class_nav: ClassNav,
    share_class: ShareClass,
    history: History,
    days: ReferenceDays,
) -> ClassNav:
    index = _index(opened, class_nav, share_class)
    return class_nav.model_copy(
        update={
            "index": index,
            "performance": measure(
                index,
                on=opened.strike.date,
                launched=share_class.launch_date,
                history={
                    day: each.index
                    for day, result in history.items()
                    for each in result.classes
                    if each.class_id == class_nav.class_id
                },
                days=days,
            ),
        }
    )


def _index(opened: OpenStrike, class_nav: ClassNav, share_class: ShareClass) -> Decimal:
    earlier = opened.prior.classes if opened.prior else ()
    for prior in earlier:
        if prior.class_id == class_nav.class_id:
            return next_index(
                prior.index,
                prior_nav_per_unit=prior.nav_per_unit,
                nav_per_unit=class_nav.nav_per_unit,
            )
    return next_index(
        LAUNCH_INDEX,
        prior_nav_per_unit=share_class.launch_price,
        nav_per_unit=class_nav.nav_per_unit,
    )
