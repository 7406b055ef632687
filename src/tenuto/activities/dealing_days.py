"""Dealing days: when a market is open, by the calendar that a fund or a rule names."""

import difflib
from datetime import date, timedelta
from functools import cache

import holidays

from tenuto.core.errors import DataError

WEEKDAYS = "WEEKDAYS"
"""The calendar without holidays: every day but Saturday and Sunday."""

_LONGEST_CLOSURE_DAYS = 31


def calendar_problem(calendar: str) -> tuple[str, str] | None:
    """What is wrong with the name of a calendar, and what to write instead; None if nothing."""
    known = [WEEKDAYS, *holidays.list_supported_financial()]
    if calendar in known:
        return None
    close = difflib.get_close_matches(calendar.upper(), known, n=1, cutoff=0.4)
    hint = f"did you mean `{close[0]}`?" if close else "for example `ECB`, `NYSE` or `WEEKDAYS`"
    return f"`{calendar}` is not a market calendar", hint


def is_dealing_day(calendar: str, day: date) -> bool:
    """Whether the market is open on `day`. Raises DataError `calendar.unknown`."""
    if calendar == WEEKDAYS:
        return day.weekday() < 5
    return bool(_year(calendar, day.year).is_working_day(day))


def last_dealing_day_before(calendar: str, day: date) -> date:
    """The dealing day before `day`. Raises DataError when the market is closed for a month."""
    return _next_dealing_day(calendar, day, timedelta(days=-1))


def add_dealing_days(calendar: str, day: date, days: int) -> date:
    """The date `days` dealing days after `day`, or before it when negative; `day` itself for 0.

    Raises DataError as `is_dealing_day` does, and when the market is closed for a month.
    """
    step = timedelta(days=1 if days > 0 else -1)
    for _ in range(abs(days)):
        day = _next_dealing_day(calendar, day, step)
    return day


def dealing_days_between(calendar: str, first: date, last: date) -> int:
    """Dealing days after `first` up to and including `last`; negative when `last` is earlier.

    Raises DataError as `is_dealing_day` does.
    """
    if last < first:
        return -dealing_days_between(calendar, last, first)
    days = (first + timedelta(days=each) for each in range(1, (last - first).days + 1))
    return sum(is_dealing_day(calendar, day) for day in days)


@cache
def _year(calendar: str, year: int) -> holidays.HolidayBase:
    """One year's holidays: working them out takes a millisecond, which a long series pays daily."""
    problem = calendar_problem(calendar)
    if problem:
        raise DataError("; ".join(problem), code="calendar.unknown")
    return holidays.financial_holidays(calendar, years=year)


def _next_dealing_day(calendar: str, day: date, step: timedelta) -> date:
    for away in range(1, _LONGEST_CLOSURE_DAYS + 1):
        if is_dealing_day(calendar, day + away * step):
            return day + away * step
    raise DataError(
        f"Calendar `{calendar}` has no dealing day in the {_LONGEST_CLOSURE_DAYS} days around "
        f"{day}; check the name of the calendar.",
        code="calendar.no-dealing-day",
    )
