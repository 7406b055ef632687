"""Dates in and out of QuantLib.

QuantLib keeps one evaluation date for the whole process, seen by every thread. Nothing here sets
it or depends on it: each call is given its settlement date or works on a time axis of its own.
"""

from datetime import date

import QuantLib as ql  # type: ignore[import-untyped]  # noqa: N813 (its own short name)

FIRST_YEAR, LAST_YEAR = 1902, 2198
"""QuantLib's dates, with room for a coupon before and after."""


def to_quantlib(day: date) -> ql.Date:
    """The same day."""
    return ql.Date(day.day, day.month, day.year)


def is_representable(day: date) -> bool:
    """Whether QuantLib has such a day."""
    return FIRST_YEAR <= day.year <= LAST_YEAR
