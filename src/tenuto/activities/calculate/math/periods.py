"""Returns over named periods, and what one year of them would be.

A period is measured from the last day before it that ought to be valued. Where that day has no
level the return is missing, with the reason; a neighbouring day never takes its place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction

from tenuto.catalog.library.calculate.performance import PeriodReturn, Returns
from tenuto.core.money import RoundingMode, difference, divide, exact, round_to

RETURN_PLACES = 10
_POWERS = Context(prec=40)


@dataclass(frozen=True, kw_only=True)
class ReferenceDays:
    """The days that returns up to `as_of` are measured from."""

    as_of: date
    inception: date
    previous: date
    month: date
    quarter: date
    year: date
    twelve_months: date


Growth = Callable[[date, date], Decimal | str]
"""Level on the second day over level on the first, or why it cannot be known."""


def reference_days(
    as_of: date, inception: date, last_day_before: Callable[[date], date], *, is_day: bool
) -> ReferenceDays:
    """The reference days; `is_day` says that the day twelve months ago is one itself."""
    anniversary = twelve_months_before(as_of)
    return ReferenceDays(
        as_of=as_of,
        inception=inception,
        previous=last_day_before(as_of),
        month=last_day_before(as_of.replace(day=1)),
        quarter=last_day_before(as_of.replace(month=3 * ((as_of.month - 1) // 3) + 1, day=1)),
        year=last_day_before(as_of.replace(month=1, day=1)),
        twelve_months=anniversary if is_day else last_day_before(anniversary),
    )


def twelve_months_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def measure(growth: Growth, days: ReferenceDays) -> Returns:
    """All returns by `growth`, 10 decimals, half even.

    A month, quarter, or year that began before the inception is measured from the inception.
    """

    def since(day: date) -> PeriodReturn:
        factor = growth(day, days.as_of)
        if isinstance(factor, str):
            return PeriodReturn(value=None, since=day, missing=factor)
        return PeriodReturn(value=_less_one(factor), since=day)

    def too_short(what: str) -> PeriodReturn:
        return PeriodReturn(value=None, missing=f"The series begins on {days.inception}; {what}")

    inception = days.inception
    return Returns(
        day=since(days.previous)
        if days.previous >= inception
        else too_short("there is no day before it."),
        month_to_date=since(max(days.month, inception)),
        quarter_to_date=since(max(days.quarter, inception)),
        year_to_date=since(max(days.year, inception)),
        one_year=since(days.twelve_months)
        if days.twelve_months >= inception
        else too_short("that is less than a year."),
        since_inception=since(inception),
        since_inception_annualised=_annualised(growth, days),
    )


def compare(net: Returns, benchmark: Returns, *, is_geometric: bool) -> Returns:
    """The excess of `net` over `benchmark`, period by period; missing where either is."""

    def excess(name: str) -> PeriodReturn:
        ours: PeriodReturn = getattr(net, name)
        theirs: PeriodReturn = getattr(benchmark, name)
        if ours.value is None or theirs.value is None:
            return PeriodReturn(
                value=None, since=ours.since, missing=ours.missing or theirs.missing
            )
        if not is_geometric:
            return PeriodReturn(value=difference(ours.value, theirs.value), since=ours.since)
        if theirs.value <= -1:
            return PeriodReturn(value=None, since=ours.since, missing="The benchmark lost all.")
        ratio = (1 + exact(ours.value)) / (1 + exact(theirs.value))
        return PeriodReturn(value=_less_one(ratio), since=ours.since)

    return Returns(**{name: excess(name) for name in Returns.model_fields})


def years_between(start: date, end: date) -> Fraction:
    """Whole years from `start`, then the days left over the length of the year they are in."""
    whole = end.year - start.year
    anniversary = _anniversary(start, whole)
    if anniversary > end:
        whole -= 1
        anniversary = _anniversary(start, whole)
    return whole + Fraction(
        (end - anniversary).days, (_anniversary(start, whole + 1) - anniversary).days
    )


def annualise(growth: Decimal | Fraction, years: Fraction) -> Decimal:
    """`growth ** (1 / years) - 1`, 10 decimals, from 40 digits; `growth` is more than 0."""
    base = _decimal(exact(growth))
    power = _POWERS.power(base, _decimal(1 / years))
    return round_to(power - 1, RETURN_PLACES, RoundingMode.HALF_EVEN)


def _annualised(growth: Growth, days: ReferenceDays) -> PeriodReturn:
    years = years_between(days.inception, days.as_of)
    if years <= 1:
        return PeriodReturn(
            value=None,
            since=days.inception,
            missing="A return over a year or less is not annualised (GIPS standards).",
        )
    factor = growth(days.inception, days.as_of)
    if isinstance(factor, str):
        return PeriodReturn(value=None, since=days.inception, missing=factor)
    if factor <= 0:
        return PeriodReturn(value=None, since=days.inception, missing="Everything was lost.")
    return PeriodReturn(value=annualise(factor, years), since=days.inception)


def _less_one(factor: Decimal | Fraction) -> Decimal:
    return divide(exact(factor) - 1, 1, places=RETURN_PLACES, mode=RoundingMode.HALF_EVEN)


def _decimal(value: Fraction) -> Decimal:
    return _POWERS.divide(Decimal(value.numerator), Decimal(value.denominator))


def _anniversary(start: date, years: int) -> date:
    year = start.year + years
    try:
        return start.replace(year=year)
    except ValueError:  # 29 February in a common year
        return date(year, 2, 28)
