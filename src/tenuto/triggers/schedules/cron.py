"""A line of crontab, read as the server reads it."""

from dataclasses import dataclass

from temporalio.client import ScheduleCalendarSpec

from tenuto.core.errors import UsageError
from tenuto.triggers.schedules.numbers import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    SECOND,
    YEAR,
    ranges_of,
)

_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_ZONE_MARKS = ("CRON_TZ=", "TZ=")


@dataclass(frozen=True, slots=True)
class Cron:
    """What a line says."""

    calendar: ScheduleCalendarSpec
    """A day has to match both of its fields for days."""
    zone: str | None
    """The time zone that it begins with: `CRON_TZ=Europe/London 0 9 * * *`."""


def read_cron(line: str) -> Cron:
    """A line of five fields, six (with a year at the end), seven (with seconds in front, too), or
    one of `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.

    Raises UsageError `schedule.cron` or `schedule.numbers` for anything else. `@every`, which the
    server takes, is refused in favour of `every`.
    """
    zone, rest = _zone(line.partition("#")[0].strip())
    fields = _NAMED.get(rest, rest).split()
    if rest.startswith("@every"):
        raise _wrong(line, "an interval is written `every: 36h`")
    if not 5 <= len(fields) <= 7:
        raise _wrong(line, f"it has {len(fields)} fields")
    second = fields.pop(0) if len(fields) == 7 else "0"
    minute, hour, day_of_month, month, day_of_week, *year = fields
    calendar = ScheduleCalendarSpec(
        second=ranges_of(second, SECOND),
        minute=ranges_of(minute, MINUTE),
        hour=ranges_of(hour, HOUR),
        day_of_month=ranges_of(day_of_month, DAY_OF_MONTH),
        month=ranges_of(month, MONTH),
        day_of_week=ranges_of(day_of_week, DAY_OF_WEEK),
        year=ranges_of(year[0], YEAR) if year else (),
    )
    return Cron(calendar, zone)


def _zone(line: str) -> tuple[str | None, str]:
    for mark in _ZONE_MARKS:
        if line.startswith(mark):
            zone, _, rest = line.removeprefix(mark).partition(" ")
            return zone, rest.strip()
    return None, line


def _wrong(line: str, why: str) -> UsageError:
    return UsageError(
        f"`{line}` is no line of crontab: {why}. Write minute, hour, day of the month, month, and"
        " day of the week, for example `30 18 * * mon-fri`, or one of"
        f" {', '.join(f'`{name}`' for name in _NAMED)}.",
        code="schedule.cron",
    )
