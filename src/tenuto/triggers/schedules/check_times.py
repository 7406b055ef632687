"""Checks when a schedule starts runs: what no server would take, or take differently than meant."""

from collections.abc import Sequence
from datetime import timedelta

from tenuto.core.errors import UsageError
from tenuto.definitions.check.limits.cron import cron_mistake, limits_both_days
from tenuto.triggers.schedules import findings as codes
from tenuto.triggers.schedules.findings import Findings
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

_SECOND = timedelta(seconds=1)
LEAST_CATCHUP = timedelta(seconds=10)
"""The server takes a shorter one for this."""
_PARTS = {
    "year": YEAR,
    "month": MONTH,
    "day_of_month": DAY_OF_MONTH,
    "day_of_week": DAY_OF_WEEK,
    "hour": HOUR,
    "minute": MINUTE,
    "second": SECOND,
}


def check_times(findings: Findings, start: ScheduledStart) -> None:
    """Adds what is wrong with the times of one schedule."""
    when = start.when
    for index, line in enumerate(when.cron):
        _check_cron(findings, index, line, is_one=len(when.cron) == 1)
    for index, calendar in enumerate(when.calendars):
        _check_numbers(findings, ("calendars", index), calendar)
    for index, day in enumerate(when.skip):
        _check_numbers(findings, ("skip", index), day)
    _check_interval(findings, when)
    if when.start_at and when.end_at and when.end_at <= when.start_at:
        said = f"It ends at {when.end_at.isoformat()}, before it starts."
        remedy = f"Give a moment after {when.start_at.isoformat()}, or take one of the two away."
        findings.error(codes.WRONG_TIMES, ("end_at",), said, remedy)
    if start.catchup_window < LEAST_CATCHUP:
        said = "The server makes up for missed starts for ten seconds at least."
        findings.warning(codes.SHORT_CATCHUP, ("catchup_window",), said, "Write `10 seconds`.")


def _check_cron(findings: Findings, index: int, line: str, *, is_one: bool) -> None:
    at = ("cron",) if is_one else ("cron", index)
    mistake = cron_mistake(line)
    if mistake is not None:
        remedy = "Write minute, hour, day of month, month, and day of week: `0 17 * * 1-5`."
        if "time zone" in mistake:
            remedy = "Give the zone in `time_zone`."
        findings.error(codes.WRONG_CRON, at, mistake, remedy)
    elif limits_both_days(line):
        said = "A run starts on days that match both fields for days, unlike in a crontab."
        remedy = "Leave one of the two `*`, or write two cron lines."
        findings.warning(codes.BOTH_DAYS, at, said, remedy)


def _check_numbers(findings: Findings, at: Sequence[int | str], said: Calendar | Day) -> None:
    for name in type(said).model_fields:
        part = _PARTS.get(name)
        if part is None or (value := getattr(said, name)) == "*":
            continue
        try:
            ranges_of(value, part)
        except UsageError as wrong:
            findings.error(codes.WRONG_VALUE, (*at, name), wrong.message, "")


def _check_interval(findings: Findings, when: Timing) -> None:
    if when.every is None:
        if when.offset:
            said, remedy = "`offset` shifts `every`, which is not given.", "Give `every`."
            findings.error(codes.WRONG_TIMES, ("offset",), said, remedy)
        return
    if when.every < _SECOND or when.every % _SECOND:
        said = f"`every` is {when.every.total_seconds():g} s, and the server counts whole seconds."
        findings.error(codes.WRONG_TIMES, ("every",), said, "Give one second or more.")
    elif when.offset >= when.every or when.offset % _SECOND:
        said = f"`offset` is {when.offset.total_seconds():g} s, and shifts within `every`."
        remedy = "Give whole seconds, less than `every`."
        findings.error(codes.WRONG_TIMES, ("offset",), said, remedy)
