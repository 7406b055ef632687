"""What fees accrue between two strikes, in the fund's base currency.

A fee accrues on every day after the prior valuation date, up to and with this one: weekends
and holidays are charged at the next strike, and a strike on 31 December completes the year.
A period that spans a year end is split there, because yearly budgets, caps, and ACT/ACT
start afresh. The exact amounts are added and rounded once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, difference, divide, exact, round_to, share_out, total
from tenuto.packs.finance.math.day_count import days_by_year, days_in_year, fee_fraction
from tenuto.packs.finance.models import Fee
from tenuto.packs.finance.nav.parts import Accrual

_RATE_PLACES = 12


@dataclass(frozen=True, kw_only=True)
class FeePeriod:
    """The days a fee accrues for: after the prior valuation date, up to and with this one.

    Both dates are the same at a fund's first strike, and nothing accrues.
    """

    after: date
    through: date

    def __post_init__(self) -> None:
        """Refuse a period that runs backwards."""
        if self.after > self.through:
            raise DataError(
                f"Fees cannot accrue from {self.after} to {self.through}; the prior NAV must be "
                "earlier than the one being struck.",
                code="nav.period-reversed",
            )

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.through - self.after).days


@dataclass(frozen=True, kw_only=True)
class FeeBroughtForward:
    """What the prior NAV and the payments since say about a fee, base currency."""

    total: Decimal = Decimal(0)
    """Accrued and unpaid at the prior NAV."""
    year_to_date: Decimal = Decimal(0)
    """Accrued in the calendar year of the prior NAV, paid or not."""
    paid: Decimal = Decimal(0)
    """Paid since the prior NAV."""


def accrue(
    fee: Fee,
    *,
    assets: Decimal,
    period: FeePeriod,
    brought_forward: FeeBroughtForward,
    places: int,
    mode: RoundingMode,
    class_id: str | None = None,
) -> Accrual:
    """The fee's accrual for the period on `assets` in base currency, with `places` decimals.

    A cap or floor is a yearly amount, pro rata by calendar day; a year's accruals never exceed
    its cap. A budget spreads what is left of it over the days left in the calendar year, so it
    is accrued in full on 31 December. Raises DataError `nav.negative` for negative assets.
    """
    if assets < 0:
        raise DataError(
            f"Fee {fee.fee_id!r} cannot be charged on assets of {assets}; check positions, cash, "
            "and capital activity.",
            code="nav.negative",
        )
    charges = [_charge(fee, assets, part) for part in _parts(fee, period, brought_forward)]
    amount = round_to(sum((each.amount for each in charges), Fraction(0)), places, mode)
    return Accrual(
        fee_id=fee.fee_id,
        class_id=class_id,
        kind=fee.kind,
        days=period.days,
        day_count=fee.day_count,
        base=assets,
        rate=_yearly_rate(fee, assets),
        amount=amount,
        prior_total=brought_forward.total,
        paid=brought_forward.paid,
        total=difference(total([brought_forward.total, amount]), brought_forward.paid),
        year_to_date=_year_to_date(amount, charges, period, brought_forward, places),
        cap_applied=any(each.is_capped for each in charges),
        floor_applied=any(each.is_floored for each in charges),
    )


@dataclass(frozen=True)
class _Part:
    """The part of a period that lies in one calendar year."""

    days: int
    days_left: int
    """From the first of these days to 31 December."""
    year_length: int
    years: Fraction
    """By the fee's day count."""
    accrued_before: Decimal
    """In the same calendar year."""


@dataclass(frozen=True)
class _Charge:
    amount: Fraction
    is_capped: bool
    is_floored: bool


def _parts(fee: Fee, period: FeePeriod, brought_forward: FeeBroughtForward) -> Iterator[_Part]:
    for year, days in days_by_year(period.after, period.through):
        year_end = date(year, 12, 31)
        after = max(period.after, date(year - 1, 12, 31))
        is_begun = year == period.after.year
        yield _Part(
            days=days,
            days_left=(year_end - after).days,
            year_length=days_in_year(year),
            years=fee_fraction(fee.day_count, after, min(period.through, year_end)),
            accrued_before=brought_forward.year_to_date if is_begun else Decimal(0),
        )


def _charge(fee: Fee, assets: Decimal, part: _Part) -> _Charge:
    amount = _uncapped(fee, assets, part)
    share_of_year = Fraction(part.days, part.year_length)
    is_floored = fee.floor is not None and amount < exact(fee.floor) * share_of_year
    if fee.floor is not None and is_floored:
        amount = exact(fee.floor) * share_of_year
    if fee.cap is None:
        return _Charge(amount, is_capped=False, is_floored=is_floored)
    left = max(exact(fee.cap) - exact(part.accrued_before), Fraction(0))
    limit = min(exact(fee.cap) * share_of_year, left)
    return _Charge(min(amount, limit), is_capped=amount > limit, is_floored=is_floored)


def _uncapped(fee: Fee, assets: Decimal, part: _Part) -> Fraction:
    match fee.kind:
        case "percentage":
            return exact(assets) * _given(fee, "rate") * part.years
        case "tiered":
            return _tiered(fee, assets) * part.years
        case "fixed":
            return _given(fee, "amount") * part.years
        case "budget":
            left = _given(fee, "amount") - exact(part.accrued_before)
            return left * Fraction(part.days, part.days_left) if part.days else Fraction(0)


def _tiered(fee: Fee, assets: Decimal) -> Fraction:
    """The fee of a whole year."""
    reached = [tier for tier in fee.tiers if tier.above <= assets]
    if fee.tier_method == "absolute":
        return exact(assets) * exact(reached[-1].rate)
    tops = [*(exact(tier.above) for tier in reached[1:]), exact(assets)]
    return sum(
        (
            (top - exact(tier.above)) * exact(tier.rate)
            for tier, top in zip(reached, tops, strict=True)
        ),
        Fraction(0),
    )


def _yearly_rate(fee: Fee, assets: Decimal) -> Decimal | None:
    if fee.kind == "percentage":
        return fee.rate
    if fee.kind != "tiered":
        return None
    if not assets:
        return fee.tiers[0].rate
    return divide(_tiered(fee, assets), assets, places=_RATE_PLACES, mode=RoundingMode.HALF_EVEN)


def _year_to_date(
    amount: Decimal,
    charges: Sequence[_Charge],
    period: FeePeriod,
    brought_forward: FeeBroughtForward,
    places: int,
) -> Decimal:
    if period.after.year == period.through.year:
        return total([brought_forward.year_to_date, amount])
    return share_out(amount, [each.amount for each in charges], places)[-1]


def _given(fee: Fee, field: Literal["rate", "amount"]) -> Fraction:
    value: Decimal | None = getattr(fee, field)
    if value is None:
        raise DataError(
            f"Fee {fee.fee_id!r} of kind {fee.kind!r} has no `{field}`; add it to the fund.",
            code="nav.fee-incomplete",
        )
    return exact(value)
