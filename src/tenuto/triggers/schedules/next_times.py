"""When a schedule starts runs, told without the server, exactly as the server does."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from temporalio.client import ScheduleIntervalSpec, ScheduleSpec

from tenuto.core.errors import UsageError
from tenuto.triggers.schedules.calendar_times import CalendarTimes
from tenuto.triggers.schedules.cron import read_cron
from tenuto.triggers.schedules.wall_clock import WallClock

MOST_SKIPPED = 100_000
"""Days, or moments within days, in a row that `skip` may take out before it is taken for taking out
all."""

JUST_BEFORE = timedelta(seconds=1)
"""Before a moment: what is due at it is due after that."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_Next = Callable[[datetime], datetime | None]


def times_of(spec: ScheduleSpec, after: datetime) -> Iterator[datetime]:
    """Every moment after `after` at which a start is due, in order, in the zone of `spec`.

    Jitter, which delays each start, is left out. Ends at `end_at`, at the latest with the year
    2100. Raises UsageError for a cron line that is none, and where `skip` leaves nothing.
    """
    zone = _zone_of(spec)
    clock = WallClock(zone)
    sources = [*_calendars(spec, clock), *(_interval(each) for each in spec.intervals)]
    skipped = [CalendarTimes(each, clock) for each in spec.skip]
    moment = after
    if spec.start_at is not None and after < spec.start_at:
        moment = spec.start_at - _SECOND
    in_a_row = 0
    while (found := _first(sources, moment)) is not None:
        moment = found
        if spec.end_at is not None and moment > spec.end_at:
            return
        if (skip := _matching(skipped, moment)) is not None:
            in_a_row += 1
            _refuse_endless(in_a_row)
            moment = skip.last_of_day(moment)
            continue
        in_a_row = 0
        yield moment.astimezone(ZoneInfo(zone))


def first_times(spec: ScheduleSpec, after: datetime, count: int) -> list[datetime]:
    """The first `count` of `times_of`; fewer where there are no more."""
    return list(islice(times_of(spec, after), count))


def _zone_of(spec: ScheduleSpec) -> str:
    if spec.time_zone_name:
        return spec.time_zone_name
    named = (read_cron(line).zone for line in spec.cron_expressions)
    return next((zone for zone in named if zone), "UTC")


def _calendars(spec: ScheduleSpec, clock: WallClock) -> Iterator[_Next]:
    for calendar in spec.calendars:
        yield CalendarTimes(calendar, clock).after
    for line in spec.cron_expressions:
        yield CalendarTimes(read_cron(line).calendar, clock).after


def _interval(interval: ScheduleIntervalSpec) -> _Next:
    every = max(1, interval.every // _SECOND)
    offset = (interval.offset or timedelta()) // _SECOND

    def after(moment: datetime) -> datetime:
        passed = (moment - _EPOCH) // _SECOND
        return _EPOCH + ((passed - offset) // every + 1) * every * _SECOND + offset * _SECOND

    return after


def _first(sources: list[_Next], after: datetime) -> datetime | None:
    return min((each for source in sources if (each := source(after)) is not None), default=None)


def _matching(skipped: list[CalendarTimes], moment: datetime) -> CalendarTimes | None:
    return next((each for each in skipped if each.matches(moment)), None)


def _refuse_endless(in_a_row: int) -> None:
    if in_a_row >= MOST_SKIPPED:
        raise UsageError(
            f"`skip` takes out {in_a_row:,} days or starts in a row: nothing would be started."
            " Skip fewer days, or delete the schedule.",
            code="schedule.skips-all",
        )
