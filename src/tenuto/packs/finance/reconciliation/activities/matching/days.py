"""Dealing days as numbers, so that SQL can count them."""

from collections.abc import Iterable
from datetime import date, timedelta

from tenuto.activities.dealing_days import is_dealing_day
from tenuto.packs.finance.reconciliation.activities.matching.engine import Engine

TABLE = "calendar"
FARTHEST = timedelta(days=3660)
"""Dates farther from the business date than ten years are taken for wrong."""


def make_calendar(engine: Engine, calendar: str, days: Iterable[date]) -> None:
    """Table `calendar`: `day, ordinal, following, preceding`.

    `ordinal` counts dealing days; a closed day has the number of the dealing day before it.
    Raises DataError `calendar.unknown`.
    """
    wanted = sorted(set(days))
    if not wanted:
        is_dealing_day(calendar, date(2024, 1, 2))  # an unknown calendar is refused all the same
        engine.fill(TABLE, _COLUMNS, [])
        return
    margin = timedelta(days=31)
    every = _every_day(wanted[0] - margin, wanted[-1] + margin)
    is_open = {day: is_dealing_day(calendar, day) for day in every}
    preceding, ordinals, number, latest = {}, {}, 0, every[0]
    for day in every:
        if is_open[day]:
            number, latest = number + 1, day
        preceding[day], ordinals[day] = latest, number
    following, nearest = {}, every[-1]
    for day in reversed(every):
        if is_open[day]:
            nearest = day
        following[day] = nearest
    rows = [(day, ordinals[day], following[day], preceding[day]) for day in wanted]
    shifted = {shifted for _, _, *both in rows for shifted in both} - set(wanted)
    rows += [(day, ordinals[day], day, day) for day in sorted(shifted)]
    engine.fill(TABLE, _COLUMNS, rows)


_COLUMNS = "day DATE, ordinal INTEGER, following DATE, preceding DATE"


def _every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]
