"""What the server keeps of a schedule's times, said as a person would write it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from temporalio.client import (
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleRange,
    ScheduleSpec,
)

from tenuto.triggers.schedules.numbers import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    SECOND,
    YEAR,
    Part,
)
from tenuto.triggers.schedules.pacing.catalog import paced_run

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def said_when(spec: ScheduleSpec, type_name: str) -> tuple[str, ...]:
    """How the times of a schedule come about that starts workflows of that type."""
    return said_pace(spec) if type_name == paced_run.type_name else said_times(spec)


def said_times(spec: ScheduleSpec) -> tuple[str, ...]:
    """Each source of times as a line: `cron 30 18 * * 1-5`, `every 6 h, 15 min later`.

    A calendar is told as a line of crontab, with seconds in front and years at the end where it
    has any. The time zone is not in it.
    """
    return tuple(_sources(spec))


def said_pace(spec: ScheduleSpec) -> tuple[str, ...]:
    """The same of a schedule whose runs decide: its interval only says when it falls back."""
    most = "".join(f", at most {said_length(each.every)} later" for each in spec.intervals)
    return (f"when the last run says{most}",)


def said_length(length: timedelta) -> str:
    """`6 h`, `1 h 30 min`, `1 d`: exact to the second."""
    rest = int(length.total_seconds())
    parts = []
    for size, unit in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts) or "0 s"


def _sources(spec: ScheduleSpec) -> Iterator[str]:
    for line in spec.cron_expressions:
        yield f"cron {line}"
    for calendar in spec.calendars:
        yield f"cron {_line(calendar)}"
    for interval in spec.intervals:
        yield _interval(interval)
    if spec.skip:
        yield f"but not on {len(spec.skip)} skipped day{'s' if len(spec.skip) > 1 else ''}"


def _interval(interval: ScheduleIntervalSpec) -> str:
    every = f"every {said_length(interval.every)}"
    return f"{every}, {said_length(interval.offset)} later" if interval.offset else every


def _line(calendar: ScheduleCalendarSpec) -> str:
    fields = [
        _field(calendar.minute, MINUTE),
        _field(calendar.hour, HOUR),
        _field(calendar.day_of_month, DAY_OF_MONTH),
        _field(calendar.month, MONTH),
        _field(calendar.day_of_week, DAY_OF_WEEK),
    ]
    second, year = _field(calendar.second, SECOND), _field(calendar.year, YEAR)
    if second != "0":
        return " ".join([second, *fields, year])
    return " ".join(fields if year == "*" else [*fields, year])


def _field(ranges: Sequence[ScheduleRange], part: Part) -> str:
    return ",".join(_range(each, part) for each in ranges) or "*"


def _range(each: ScheduleRange, part: Part) -> str:
    end, step = max(each.start, each.end), each.step or 1
    # Sunday is 0 and 7: both ends of a week are the whole of it.
    most = 6 if part is DAY_OF_WEEK else part.most
    if each.start <= part.least and end >= most:
        return "*" if step == 1 else f"*/{step}"
    if end == each.start:
        return str(each.start)
    return f"{each.start}-{end}" if step == 1 else f"{each.start}-{end}/{step}"
