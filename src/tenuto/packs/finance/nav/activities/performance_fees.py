"""Performance fees of a strike: each class's fee with what its files and its prior NAV say."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tenuto.activities.dealing_days import last_dealing_day_before
from tenuto.core.errors import DataError
from tenuto.core.money import difference, exact, multiply, total
from tenuto.packs.finance.math.day_count import fee_fraction
from tenuto.packs.finance.math.fees import FeeBroughtForward
from tenuto.packs.finance.math.performance_fee import (
    PerformanceCharge,
    PerformancePeriod,
    charge,
)
from tenuto.packs.finance.models import PerformanceFee, ShareClass
from tenuto.packs.finance.nav.activities.benchmark import benchmark_level
from tenuto.packs.finance.nav.activities.deals import ClassFlow, class_flows, opening_units
from tenuto.packs.finance.nav.activities.fixings import base_per_local, rate_of
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.handoffs import AccrueFeesRequest, ClassGross
from tenuto.packs.finance.nav.parts import Accrual, PerformanceFeeState

FeeKey = tuple[str | None, str]
"""Class, or None for the fund, and fee."""

_MONTHS_BETWEEN = {"yearly": 12, "half-yearly": 6, "quarterly": 3, "monthly": 1}


def performance_fees(
    opened: OpenStrike,
    request: AccrueFeesRequest,
    shares: Sequence[ClassGross],
    class_fees: Sequence[Accrual],
    owed: Mapping[FeeKey, FeeBroughtForward],
) -> list[tuple[Accrual, PerformanceFeeState]]:
    """The accrual and the new state of each class's performance fee.

    Computed on the class after all its other fees, and before any swing: CSSF, FAQ on the swing
    pricing mechanism.
    """
    gross = {each.class_id: each.gross for each in shares}
    flows = {each.class_id: each for each in class_flows(opened)}
    charged = []
    for share_class in opened.strike.fund.classes:
        name, fee = share_class.class_id, share_class.performance_fee
        if fee is None or name not in gross:
            continue
        other = total(each.amount for each in class_fees if each.class_id == name)
        assets = difference(gross[name], other)
        made = performance_charge(opened, share_class, fee, flows[name], assets)
        before = owed.get((name, fee.fee_id), FeeBroughtForward())
        charged.append((_accrual(opened, fee, made, before, assets), made.state))
    return charged


def performance_charge(
    opened: OpenStrike,
    share_class: ShareClass,
    fee: PerformanceFee,
    flow: ClassFlow,
    net_assets: Decimal,
) -> PerformanceCharge:
    """The fee on a class of `net_assets`, base currency, after what had accrued of it."""
    fund = opened.strike.fund
    return charge(
        fee,
        class_id=share_class.class_id,
        currency=share_class.currency,
        prior=_state(opened, share_class.class_id, fee.fee_id),
        period=_period(opened, share_class, fee, flow),
        net_assets=net_assets,
        places=fund.rounding.nav_places,
        mode=fund.rounding.mode,
    )


def _state(opened: OpenStrike, class_id: str, fee_id: str) -> PerformanceFeeState | None:
    for each in opened.prior.performance_fees if opened.prior else ():
        if (each.class_id, each.fee_id) == (class_id, fee_id):
            return each
    return None


def _period(
    opened: OpenStrike, share_class: ShareClass, fee: PerformanceFee, flow: ClassFlow
) -> PerformancePeriod:
    strike, prior = opened.strike, opened.prior
    opening = opening_units(opened)[share_class.class_id]
    state = _state(opened, share_class.class_id, fee.fee_id)
    after = prior.date if prior else strike.date
    ended = _ended(opened, fee, after, state.period_end if state else None)
    rates = base_per_local(strike.fx, strike.fund.base_currency)
    is_new = prior is not None and share_class.class_id not in {
        each.class_id for each in prior.classes
    }
    return PerformancePeriod(
        units=difference(total([opening, flow.subscribed_units]), flow.redeemed_units),
        redeemed=exact(flow.redeemed_units) / exact(opening) if opening else Fraction(0),
        subscribed=flow.subscribed,
        hurdle_growth=_hurdle_growth(opened, fee, after),
        starts_at=Decimal(0) if is_new else _start(opened, share_class),
        base_per_class=rate_of(rates, share_class.currency),
        period_end=ended,
        is_new_year=_year_of(fee, after) != _year_of(fee, strike.date),
    )


def _start(opened: OpenStrike, share_class: ShareClass) -> Decimal:
    """The first high-water mark: the class at launch, or its NAV when the fee was brought in."""
    for each in opened.prior.classes if opened.prior else ():
        if each.class_id == share_class.class_id:
            return each.nav
    return multiply(share_class.units, share_class.launch_price)


def _hurdle_growth(opened: OpenStrike, fee: PerformanceFee, after: date) -> Fraction:
    if opened.prior is None or fee.hurdle == "none":
        return Fraction(1)
    if fee.hurdle == "fixed":
        years = fee_fraction(fee.day_count, after, opened.strike.date)
        return 1 + exact(fee.hurdle_rate or 0) * years
    level, before = benchmark_level(opened), opened.prior.benchmark_level
    if not level or not before:
        raise DataError(
            f"Performance fee {fee.fee_id!r} has the benchmark as its hurdle, and there is no "
            f"level on {opened.strike.date if not level else opened.prior.date}; supply the "
            "benchmark file.",
            code="nav.hurdle-missing",
        )
    return exact(level) / exact(before)


def _ended(opened: OpenStrike, fee: PerformanceFee, after: date, done: date | None) -> date | None:
    """The end of the fee's period that this NAV completes: at its last dealing day, or later.

    None when it completes none, or an earlier NAV has done it.
    """
    step = _MONTHS_BETWEEN[fee.crystallisation]
    month = opened.strike.date.replace(day=1)
    while month > after.replace(day=1) - timedelta(days=1):
        if (month.month - fee.year_end_month) % step == 0:
            following = (month + timedelta(days=31)).replace(day=1)
            last = last_dealing_day_before(opened.strike.fund.dealing_calendar, following)
            end = following - timedelta(days=1)
            if last <= opened.strike.date and (done is None or end > done):
                is_late = opened.prior is None and end < opened.strike.date
                return None if is_late else end
        month = (month - timedelta(days=1)).replace(day=1)
    return None


def _year_of(fee: PerformanceFee, day: date) -> int:
    """The calendar year in which the fee's year ends that `day` is in."""
    return day.year + (day.month > fee.year_end_month)


def _accrual(
    opened: OpenStrike,
    fee: PerformanceFee,
    made: PerformanceCharge,
    before: FeeBroughtForward,
    net_assets: Decimal,
) -> Accrual:
    day, prior = opened.strike.date, opened.prior
    same_year = prior is not None and prior.date.year == day.year
    return Accrual(
        fee_id=fee.fee_id,
        class_id=made.state.class_id,
        kind="performance",
        days=(day - prior.date).days if prior else 0,
        day_count=fee.day_count,
        base=net_assets,
        rate=fee.rate,
        amount=made.amount,
        prior_total=before.total,
        paid=before.paid,
        total=difference(total([before.total, made.amount]), before.paid),
        year_to_date=total([before.year_to_date, made.amount]) if same_year else made.amount,
    )
