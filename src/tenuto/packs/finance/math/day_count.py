"""Day counts: which fraction of a year lies between two dates.

Every fraction is exact. Names and paragraph numbers are those of the 2006 ISDA Definitions,
section 4.16; ACT/ACT (ICMA) is rule 251 of the ICMA rule book.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from tenuto.core.errors import DataError
from tenuto.packs.finance.models import DayCount

BondDayCount = Literal["30E/360", "30/360", "ACT/365", "ACT/360", "ACT/ACT", "ACT/ACT ISDA"]
"""How a bond's coupon accrues; plain ACT/ACT is the ICMA's, as bonds use it."""

Frequency = Literal[1, 2, 4, 12]
"""Coupons a year."""


@dataclass(frozen=True, kw_only=True)
class CouponPeriod:
    """The coupon period a bond is in."""

    start: date
    """The last coupon date, or the date interest starts."""
    end: date
    """The next coupon date."""
    frequency: Frequency
    is_last: bool = False
    """Whether `end` is the maturity; an odd last period is measured from its start."""


def accrued_fraction(day_count: BondDayCount, period: CouponPeriod, on: date) -> Fraction:
    """Years of interest earned from the start of the coupon period to `on`; 0 on its start.

    Raises DataError `nav.outside-coupon-period` when `on` is not in the period.
    """
    if not period.start <= on <= period.end:
        raise DataError(
            f"{on} is outside the coupon period {period.start} to {period.end}; supply the last "
            "and next coupon dates around the valuation date.",
            code="nav.outside-coupon-period",
        )
    match day_count:
        case "30E/360":
            return thirty_e_360(period.start, on)
        case "30/360":
            at_month_ends = _is_month_end(period.start) and _is_month_end(period.end)
            return thirty_360_us(period.start, on, at_month_ends=at_month_ends)
        case "ACT/365":
            return actual_365(period.start, on)
        case "ACT/360":
            return actual_360(period.start, on)
        case "ACT/ACT":
            return actual_actual_icma(period, on)
        case "ACT/ACT ISDA":
            return actual_actual_isda(period.start, on)


def fee_fraction(day_count: DayCount, after: date, through: date) -> Fraction:
    """Years for which a fee accrues on the days after `after`, up to and with `through`.

    ACT/ACT counts each day in its own calendar year, so a strike on 31 December completes
    the year.
    """
    days = (through - after).days
    match day_count:
        case "ACT/365":
            return Fraction(days, 365)
        case "ACT/360":
            return Fraction(days, 360)
        case "ACT/ACT":
            slices = days_by_year(after, through)
            return sum((Fraction(n, days_in_year(year)) for year, n in slices), Fraction(0))


def days_by_year(after: date, through: date) -> tuple[tuple[int, int], ...]:
    """`(year, days)` for the days after `after`, up to and with `through`, oldest year first."""
    years = range((after + timedelta(days=1)).year, through.year + 1)
    return tuple(
        (year, (min(through, date(year, 12, 31)) - max(after, date(year - 1, 12, 31))).days)
        for year in years
    )


def days_in_year(year: int) -> int:
    """365, or 366 in a leap year."""
    return 366 if calendar.isleap(year) else 365


def actual_365(start: date, end: date) -> Fraction:
    """ACT/365 (Fixed), 4.16(d)."""
    return Fraction((end - start).days, 365)


def actual_360(start: date, end: date) -> Fraction:
    """ACT/360, 4.16(e)."""
    return Fraction((end - start).days, 360)


def thirty_e_360(start: date, end: date) -> Fraction:
    """30E/360 (Eurobond basis), 4.16(g)."""
    return _thirty_360(start, end, min(start.day, 30), min(end.day, 30))


def thirty_360_us(start: date, end: date, *, at_month_ends: bool = False) -> Fraction:
    """30/360 (bond basis), 4.16(f).

    `at_month_ends` adds the rule of US municipal and corporate bonds that pay at month ends:
    the last day of February counts as the 30th.
    """
    first, last = start.day, end.day
    if at_month_ends and _is_february_end(start):
        first = 30
        if _is_february_end(end):
            last = 30
    first = min(first, 30)
    if last == 31 and first == 30:
        last = 30
    return _thirty_360(start, end, first, last)


def actual_actual_isda(start: date, end: date) -> Fraction:
    """ACT/ACT (ISDA), 4.16(b): the days in each calendar year over that year's length.

    Counts the first date and not the last, as interest does; fees count the other way round.
    """
    day = timedelta(days=1)
    slices = days_by_year(start - day, end - day)
    return sum((Fraction(days, days_in_year(year)) for year, days in slices), Fraction(0))


def actual_actual_icma(period: CouponPeriod, on: date) -> Fraction:
    """ACT/ACT (ICMA), 4.16(c): days over frequency times the days of the regular coupon period.

    An odd period is laid out in regular ones, back from its end, or forward from its start
    when it is the bond's last.
    """
    years = Fraction(0)
    for start, end in _regular_periods(period):
        days = (min(on, end) - max(period.start, start)).days
        if days > 0:
            years += Fraction(days, period.frequency * (end - start).days)
    return years


def _regular_periods(period: CouponPeriod) -> Iterator[tuple[date, date]]:
    """Regular periods that together cover the coupon period."""
    months = 12 // period.frequency
    if _is_regular(period, months):
        yield period.start, period.end
    elif period.is_last:
        count = 0
        while (start := _months_from(period.start, count * months)) < period.end:
            count += 1
            yield start, _months_from(period.start, count * months)
    else:
        count = 0
        while (end := _months_from(period.end, -count * months)) > period.start:
            count += 1
            yield _months_from(period.end, -count * months), end


def _is_regular(period: CouponPeriod, months: int) -> bool:
    apart = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    days = sorted((period.start, period.end), key=lambda each: each.day)
    return apart == months and (days[0].day == days[1].day or _is_month_end(days[0]))


def _months_from(day: date, months: int) -> date:
    """The same day of another month, or that month's last; month ends stay month ends."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    length = calendar.monthrange(year, month)[1]
    return date(year, month, length if _is_month_end(day) else min(day.day, length))


def _is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def _is_february_end(day: date) -> bool:
    return day.month == 2 and _is_month_end(day)


def _thirty_360(start: date, end: date, first: int, last: int) -> Fraction:
    months = (end.year - start.year) * 12 + end.month - start.month
    return Fraction(months * 30 + last - first, 360)
