"""Dealing days: when a fund strikes, by the market calendar it names."""

import difflib
from datetime import date, timedelta

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
    """Whether the market is open on `day`. Raises DataError `nav.unknown-calendar`."""
    if calendar == WEEKDAYS:
        return day.weekday() < 5
    problem = calendar_problem(calendar)
    if problem:
        raise DataError("; ".join(problem), code="nav.unknown-calendar")
    return bool(holidays.financial_holidays(calendar, years=day.year).is_working_day(day))


def last_dealing_day_before(calendar: str, day: date) -> date:
    """The dealing day before `day`. Raises DataError when the market is closed for a month."""
    for back in range(1, _LONGEST_CLOSURE_DAYS + 1):
        earlier = day - timedelta(days=back)
        if is_dealing_day(calendar, earlier):
            return earlier
    raise DataError(
        f"Calendar `{calendar}` has no dealing day in the {_LONGEST_CLOSURE_DAYS} days before "
        f"{day}; check the fund's `dealing_calendar`.",
        code="nav.no-dealing-day",
    )
