"""How many trading days old a price is, and whether a market was open."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from tenuto.activities import dealing_days

_LONGEST_CLOSURE_DAYS = 31

is_dealing_day = lru_cache(maxsize=20_000)(dealing_days.is_dealing_day)
"""As `dealing_days.is_dealing_day`, which works out a year of holidays for every answer."""


def age_table(calendars: Iterable[str], day: date, longest: int) -> pl.DataFrame:
    """`calendar, date, age_days` for every date up to `longest` trading days before `day`.

    The age is the number of trading days after the date up to and including `day`: 0 for `day`
    itself, and for the last trading day when the market is closed on `day`. A date that the
    table does not have is older, or later than `day`.
    """
    rows = [
        (calendar, each, age)
        for calendar in sorted(set(calendars))
        for each, age in _ages(calendar, day, longest)
    ]
    schema = {"calendar": pl.String, "date": pl.Date, "age_days": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def closed_markets(calendars: Iterable[str], day: date) -> list[str]:
    """The calendars whose market is closed on `day`, sorted."""
    return [each for each in sorted(set(calendars)) if not is_dealing_day(each, day)]


def _ages(calendar: str, day: date, longest: int) -> list[tuple[date, int]]:
    """A market that stays closed for a month ends the table: nothing older is taken anyway."""
    ages, age, each, last_open = [], 0, day, day
    while age <= longest and (last_open - each).days <= _LONGEST_CLOSURE_DAYS:
        ages.append((each, age))
        if is_dealing_day(calendar, each):
            age, last_open = age + 1, each
        each -= timedelta(days=1)
    return ages
