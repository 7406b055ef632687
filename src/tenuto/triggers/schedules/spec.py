"""From times as they are written to a schedule of the engine."""

from temporalio.client import (
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)

from tenuto.triggers.schedules.model import Calendar, Day, ScheduledStart, Timing
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

_WHOLE_DAY = {
    "hour": (ScheduleRange(0, 23),),
    "minute": (ScheduleRange(0, 59),),
    "second": (ScheduleRange(0, 59),),
}
"""What is skipped matches in every field, and the engine's fields for a time are 0 by default:
left at that, a day would be skipped at midnight alone."""

OVERLAPS = {
    "allowAll": ScheduleOverlapPolicy.ALLOW_ALL,
    "skip": ScheduleOverlapPolicy.SKIP,
    "bufferOne": ScheduleOverlapPolicy.BUFFER_ONE,
    "bufferAll": ScheduleOverlapPolicy.BUFFER_ALL,
    "cancelOther": ScheduleOverlapPolicy.CANCEL_OTHER,
    "terminateOther": ScheduleOverlapPolicy.TERMINATE_OTHER,
}


def spec_of(when: Timing) -> ScheduleSpec:
    """When starts are due. Raises UsageError `schedule.numbers` for a field of a calendar that
    names no numbers."""
    return ScheduleSpec(
        calendars=[_calendar(each) for each in when.calendars],
        intervals=[ScheduleIntervalSpec(when.every, when.offset)] if when.every else [],
        cron_expressions=list(when.cron),
        skip=[_whole_day(each) for each in when.skip],
        start_at=when.start_at,
        end_at=when.end_at,
        jitter=when.jitter or None,
        time_zone_name=when.time_zone,
    )


def policy_of(start: ScheduledStart) -> SchedulePolicy:
    """What happens when starts collide, are missed, or fail."""
    return SchedulePolicy(
        overlap=OVERLAPS[start.overlap],
        catchup_window=start.catchup_window,
        pause_on_failure=start.pause_on_failure,
    )


def _calendar(said: Calendar) -> ScheduleCalendarSpec:
    return ScheduleCalendarSpec(
        **_date(said),
        hour=ranges_of(said.hour, HOUR),
        minute=ranges_of(said.minute, MINUTE),
        second=ranges_of(said.second, SECOND),
        comment=said.comment or None,
    )


def _whole_day(said: Day) -> ScheduleCalendarSpec:
    return ScheduleCalendarSpec(**_date(said), **_WHOLE_DAY, comment=said.comment or None)


def _date(said: Calendar | Day) -> dict[str, tuple[ScheduleRange, ...]]:
    return {
        # No range means every year, however far away.
        "year": () if said.year == "*" else ranges_of(said.year, YEAR),
        "month": ranges_of(said.month, MONTH),
        "day_of_month": ranges_of(said.day_of_month, DAY_OF_MONTH),
        "day_of_week": ranges_of(said.day_of_week, DAY_OF_WEEK),
    }
