"""Performance fees at the level of a class: what accrues, what crystallises, what is forgotten.

The class's net assets before the fee are held against a reference: the high-water mark of all
its units. Money that comes in joins the reference at the price it paid, and a redemption takes
its part of it away, so that neither makes nor hides a gain; a hurdle makes the reference grow.
The fee is a part of what the assets exceed it by, accrues with every NAV, and falls back to zero
with the assets. What has accrued on redeemed units, and at the end of a period on all of them,
is the manager's for good; the reference then is what the class is worth after the fee.

ESMA's guidelines on performance fees (34-39-992, 5 November 2020) want a loss made good before
a fee is due: for the whole life of the fund, or for at least five years. With `reference_years`
each year's loss is remembered for so long, the oldest made good first, as in ESMA's answer 670.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tenuto.core.money import RoundingMode, difference, divide, exact, round_to, total
from tenuto.packs.finance.models import PerformanceFee
from tenuto.packs.finance.nav.parts import PerformanceFeeState, Shortfall

PLACES = 12
"""Decimals of class-currency amounts that are carried from NAV to NAV."""


@dataclass(frozen=True, kw_only=True)
class PerformancePeriod:
    """What happened to a class since its last NAV, as far as the fee needs it."""

    units: Decimal
    """After the flows."""
    redeemed: Fraction
    """The part of the opening units that left; 0 to 1."""
    subscribed: Decimal
    """Money that came in, class currency."""
    hurdle_growth: Fraction
    """By what factor the hurdle moves the reference: 1 without one."""
    starts_at: Decimal
    """The reference where the fee has no state yet, class currency, before `redeemed`."""
    base_per_class: Fraction
    """Base currency for one unit of the class's."""
    period_end: date | None = None
    """The end of the period that this NAV completes; None when it completes none."""
    is_new_year: bool = False
    """Whether the fee's year began after the last NAV."""


@dataclass(frozen=True, kw_only=True)
class PerformanceCharge:
    """A performance fee after one NAV."""

    amount: Decimal
    """What this period charges, base currency; negative where it gives back."""
    state: PerformanceFeeState


def brought_forward(
    prior: PerformanceFeeState | None, redeemed: Fraction, *, places: int
) -> tuple[Decimal, Decimal]:
    """What had accrued, in base currency: what stays open, and what redemptions crystallised."""
    accrued = prior.accrued if prior else Decimal(0)
    gone = round_to(exact(accrued) * redeemed, places, RoundingMode.HALF_EVEN)
    return difference(accrued, gone), gone


def charge(
    fee: PerformanceFee,
    *,
    class_id: str,
    currency: str,
    prior: PerformanceFeeState | None,
    period: PerformancePeriod,
    net_assets: Decimal,
    places: int,
    mode: RoundingMode,
) -> PerformanceCharge:
    """The fee of one period.

    `net_assets` are the class's in base currency, after all other fees and after what had
    accrued of this one.
    """
    stays, gone = brought_forward(prior, period.redeemed, places=places)
    assets = exact(total([net_assets, stays])) / period.base_per_class
    reference = _reference(prior, period)
    gain = assets - reference
    due = max(gain, Fraction(0)) * exact(fee.rate)
    accrued = round_to(due * period.base_per_class, places, mode)
    amount = difference(accrued, stays)
    shortfalls = _scaled(prior, 1 - period.redeemed)
    crystallised = gone
    if period.period_end is not None:
        crystallised = total([gone, accrued])
        accrued = Decimal(0)
        if gain > 0:
            reference, shortfalls = assets - due, ()
        elif fee.reference_years is not None:
            shortfalls, lapsed = _carried(shortfalls, gain, period.period_end, fee.reference_years)
            reference -= lapsed
    before = prior.crystallised_year_to_date if prior and not period.is_new_year else Decimal(0)
    return PerformanceCharge(
        amount=amount,
        state=PerformanceFeeState(
            class_id=class_id,
            fee_id=fee.fee_id,
            currency=currency,
            rate=fee.rate,
            assets=_shown(assets),
            reference=_shown(reference),
            high_water_mark=divide(
                reference, period.units, places=PLACES, mode=RoundingMode.HALF_EVEN
            ),
            accrued=accrued,
            crystallised=crystallised,
            crystallised_year_to_date=total([before, crystallised]),
            period_end=period.period_end or (prior.period_end if prior else None),
            shortfalls=shortfalls,
        ),
    )


def _reference(prior: PerformanceFeeState | None, period: PerformancePeriod) -> Fraction:
    start = exact(prior.reference if prior else period.starts_at)
    held = start * (1 - period.redeemed) + exact(period.subscribed)
    return held * period.hurdle_growth


def _scaled(prior: PerformanceFeeState | None, part: Fraction) -> tuple[Shortfall, ...]:
    return tuple(
        each.model_copy(update={"amount": _shown(exact(each.amount) * part)})
        for each in (prior.shortfalls if prior else ())
    )


def _carried(
    shortfalls: tuple[Shortfall, ...], gain: Fraction, period_end: date, years: int
) -> tuple[tuple[Shortfall, ...], Fraction]:
    """The losses that the next period must make good, and what is forgotten now.

    `gain` is the assets less the reference, zero or less: all losses that are left.
    """
    made_good = gain + sum((exact(each.amount) for each in shortfalls), Fraction(0))
    losses: list[Shortfall] = []
    for each in shortfalls:
        used = min(max(made_good, Fraction(0)), exact(each.amount))
        made_good -= used
        if used < exact(each.amount):
            rest = _shown(exact(each.amount) - used)
            losses.append(each.model_copy(update={"amount": rest}))
    if made_good < 0:
        losses.append(Shortfall(period_end=period_end, amount=_shown(-made_good)))
    kept = [each for each in losses if period_end.year - each.period_end.year < years - 1]
    lapsed = sum((exact(each.amount) for each in losses if each not in kept), Fraction(0))
    return tuple(kept), lapsed


def _shown(amount: Fraction) -> Decimal:
    return round_to(amount, PLACES, RoundingMode.HALF_EVEN)
