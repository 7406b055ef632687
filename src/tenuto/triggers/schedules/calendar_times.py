"""The moments that a calendar names, one after the other, exactly as the server finds them.

The server walks over wall clocks hour by hour. Where clocks are put back by an hour, it walks the
repeated hour twice, so a start at 01:30 is due twice that night. Where they are put forward, the
hour that is left out has no starts. Where they are put back by half an hour (Lord Howe) its walk
goes astray for that night, and so does this one: what is told here is what will happen.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from temporalio.client import ScheduleCalendarSpec, ScheduleRange

from tenuto.triggers.schedules.numbers import LAST_YEAR
from tenuto.triggers.schedules.wall_clock import WallClock

_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)


class CalendarTimes:
    """The moments of one calendar by one wall clock."""

    def __init__(self, calendar: ScheduleCalendarSpec, clock: WallClock) -> None:
        self._clock = clock
        self._years = _numbers(calendar.year)
        self._months = _numbers(calendar.month)
        self._days = _numbers(calendar.day_of_month)
        self._weekdays = {each % 7 for each in _numbers(calendar.day_of_week)}
        self._hours = _numbers(calendar.hour)
        self._minutes = _numbers(calendar.minute)
        self._seconds = _numbers(calendar.second)

    def matches(self, moment: datetime) -> bool:
        """Whether the calendar names this moment, to the second."""
        shown = self._clock.shown_at(moment)
        return (
            self._has_year(shown.year)
            and shown.month in self._months
            and shown.day in self._days
            and shown.isoweekday() % 7 in self._weekdays
            and shown.hour in self._hours
            and shown.minute in self._minutes
            and shown.second in self._seconds
        )

    def last_of_day(self, moment: datetime) -> datetime:
        """The last second of the day of a moment that matches, where all of the day does; else the
        moment itself."""
        if not (len(self._hours) == 24 and len(self._minutes) == len(self._seconds) == 60):
            return moment
        shown = self._clock.shown_at(moment)
        midnight = shown.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        last = self._clock.moment_of(midnight) - _SECOND
        is_same_day = self._clock.shown_at(last).date() == shown.date()
        return max(moment, last) if is_same_day else moment

    def after(self, moment: datetime) -> datetime | None:
        """The first moment after this one, in UTC; None when there is none until 2100."""
        shown = self._clock.shown_at(moment).replace(microsecond=0)
        is_repeated = self._clock.shown_at(moment - _HOUR).hour == shown.hour
        hour = shown.replace(minute=0, second=0)
        passed = shown + _SECOND - hour
        if passed >= _HOUR:
            hour, is_repeated, passed = *self._following(hour, is_repeated), timedelta()
        while hour.year <= LAST_YEAR:
            start = self._day_to_try(hour, passed) or self._hour_to_try(hour)
            if start != hour:
                is_other_day = start.date() != hour.date()
                hour, is_repeated, passed = start, False, timedelta()
                if is_other_day:
                    continue  # within a day the server does not ask for the day again
            found = self._within(hour, passed, is_repeated)
            if found is not None:
                return found
            hour, is_repeated, passed = *self._following(hour, is_repeated), timedelta()
        return None

    def _day_to_try(self, hour: datetime, passed: timedelta) -> datetime | None:
        """The midnight to go on from if nothing on this day can match; None if something can."""
        if not self._has_year(hour.year):
            return datetime(hour.year + 1, 1, 1)  # noqa: DTZ001 (a wall clock)
        if hour.month not in self._months:
            year, month = divmod(hour.year * 12 + hour.month, 12)
            return datetime(year, month + 1, 1)  # noqa: DTZ001 (a wall clock)
        if hour.day not in self._days or not self._has_weekday(hour + passed):
            return hour.replace(hour=0) + timedelta(days=1)
        return None

    def _hour_to_try(self, hour: datetime) -> datetime:
        """The first hour from this one on that can match on this day, or the next midnight."""
        later = min((each for each in self._hours if each >= hour.hour), default=24)
        return hour.replace(hour=0) + timedelta(hours=later)

    def _within(self, hour: datetime, passed: timedelta, is_repeated: bool) -> datetime | None:
        """The first match from `passed` on in an hour of which any minute may match."""
        for minutes_and_seconds in self._in_an_hour:
            if minutes_and_seconds < passed:
                continue
            moment = self._clock.moment_of(hour + minutes_and_seconds)
            if self._clock.shown_at(moment).hour != hour.hour:
                return None  # the clock leaves this hour out
            return moment + _HOUR if is_repeated else moment
        return None

    def _following(self, hour: datetime, is_repeated: bool) -> tuple[datetime, bool]:
        """The hour after one that was walked; the same once more where the clock repeats it."""
        ends = self._clock.moment_of(hour + _HOUR)
        if not is_repeated and ends - self._clock.moment_of(hour) > _HOUR:
            return hour, True
        return hour + _HOUR, False

    def _has_year(self, year: int) -> bool:
        return not self._years or year in self._years

    def _has_weekday(self, shown: datetime) -> bool:
        # Asked of the moment: where midnight is left out, the server takes it for the day before.
        there = self._clock.shown_at(self._clock.moment_of(shown))
        return there.isoweekday() % 7 in self._weekdays

    @cached_property
    def _in_an_hour(self) -> Sequence[timedelta]:
        return [
            timedelta(minutes=minute, seconds=second)
            for minute in sorted(self._minutes)
            for second in sorted(self._seconds)
        ]


def _numbers(ranges: Iterable[ScheduleRange]) -> frozenset[int]:
    return frozenset(
        number
        for each in ranges
        for number in range(each.start, max(each.start, each.end) + 1, each.step or 1)
    )
