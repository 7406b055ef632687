"""When schedules start, told offline: changes of clocks, both day fields, limits, skipped days.

What is expected here was read off a real server; `integration/test_next_times_of_the_server.py`
compares with it at length.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import (
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleRange,
    ScheduleSpec,
)

from tenuto.core.errors import UsageError
from tenuto.triggers.schedules.cron import read_cron
from tenuto.triggers.schedules.next_times import first_times
from tenuto.triggers.schedules.said import said_length, said_times

WHOLE_DAY: Any = {
    "hour": [ScheduleRange(0, 23)],
    "minute": [ScheduleRange(0, 59)],
    "second": [ScheduleRange(0, 59)],
}


def told(spec: ScheduleSpec, after: str, count: int) -> list[str]:
    """The next times, as ISO text with the offset of the author's zone."""
    moments = first_times(spec, datetime.fromisoformat(after), count)
    return [each.isoformat() for each in moments]


def cron(line: str, zone: str = "UTC", **limits: Any) -> ScheduleSpec:
    return ScheduleSpec(cron_expressions=[line], time_zone_name=zone, **limits)


@pytest.mark.parametrize(
    ("line", "zone", "after", "expected"),
    [
        # Clocks are put forward over 02:30: that night has no such start.
        (
            *("30 2 * * *", "America/New_York", "2026-03-07T12:00Z"),
            ["2026-03-09T02:30:00-04:00", "2026-03-10T02:30:00-04:00"],
        ),
        # Clocks are put back over 01:30: that night has two.
        (
            *("30 1 * * *", "America/New_York", "2026-10-31T12:00Z"),
            [
                "2026-11-01T01:30:00-04:00",
                "2026-11-01T01:30:00-05:00",
                "2026-11-02T01:30:00-05:00",
            ],
        ),
        # A fixed shift from UTC would start an hour late in summer.
        (
            *("0 9 * * *", "America/New_York", "2026-03-07T15:00Z"),
            ["2026-03-08T09:00:00-04:00", "2026-03-09T09:00:00-04:00"],
        ),
        (
            *("0 18 * * 1-5", "Europe/London", "2026-10-23T18:00Z"),
            ["2026-10-26T18:00:00+00:00", "2026-10-27T18:00:00+00:00"],
        ),
        (
            *("0 9 * * *", "Asia/Kathmandu", "2026-06-01T00:00Z"),
            ["2026-06-01T09:00:00+05:45"],
        ),
        # A zone in front of the line.
        (
            *("CRON_TZ=America/New_York 0 9 * * *", "", "2026-11-10T00:00Z"),
            ["2026-11-10T09:00:00-05:00"],
        ),
    ],
)
def test_sig_16_clocks_that_change(line: str, zone: str, after: str, expected: list[str]) -> None:
    assert told(cron(line, zone), after, len(expected)) == expected


def test_a_day_has_to_match_both_of_its_fields() -> None:
    found = told(cron("0 0 13 * fri"), "2026-01-01T00:00Z", 3)
    assert found == [
        "2026-02-13T00:00:00+00:00",
        "2026-03-13T00:00:00+00:00",
        "2026-11-13T00:00:00+00:00",
    ]


def test_an_interval_counts_from_1970() -> None:
    spec = ScheduleSpec(
        intervals=[ScheduleIntervalSpec(every=timedelta(days=7), offset=timedelta(days=2))]
    )
    assert told(spec, "2026-06-01T00:00Z", 2) == [
        "2026-06-06T00:00:00+00:00",
        "2026-06-13T00:00:00+00:00",
    ]


def test_limits_are_inclusive_and_nothing_comes_after_them() -> None:
    limits: Any = {
        "start_at": datetime(2026, 6, 2, tzinfo=UTC),
        "end_at": datetime(2026, 6, 4, tzinfo=UTC),
    }
    assert [each[:10] for each in told(cron("@daily", **limits), "2026-05-01T00:00Z", 9)] == [
        *("2026-06-02", "2026-06-03", "2026-06-04")
    ]


def test_a_skipped_day_has_no_starts_and_midnight_alone_is_no_day() -> None:
    whole = ScheduleCalendarSpec(
        month=[ScheduleRange(12)], day_of_month=[ScheduleRange(25)], **WHOLE_DAY
    )
    midnight = ScheduleCalendarSpec(month=[ScheduleRange(12)], day_of_month=[ScheduleRange(25)])
    after = "2026-12-24T20:00Z"
    assert told(cron("30 18 * * *", skip=[whole]), after, 1) == ["2026-12-26T18:30:00+00:00"]
    assert told(cron("30 18 * * *", skip=[midnight]), after, 1) == ["2026-12-25T18:30:00+00:00"]


def test_what_never_comes_ends_and_what_skips_all_is_refused() -> None:
    assert told(cron("0 0 31 2 *"), "2026-01-01T00:00Z", 1) == []
    everything = ScheduleSpec(
        intervals=[ScheduleIntervalSpec(every=timedelta(hours=1))],
        skip=[ScheduleCalendarSpec(**WHOLE_DAY)],
    )
    with pytest.raises(UsageError) as refused:
        told(everything, "2026-01-01T00:00Z", 1)
    assert refused.value.code == "schedule.skips-all"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("0 9 * *", "schedule.cron"),
        ("@every 36h", "schedule.cron"),
        ("@reboot", "schedule.cron"),
        ("0 0 ? * *", "schedule.numbers"),
        ("0 0 L * *", "schedule.numbers"),
        ("60 0 * * *", "schedule.numbers"),
        ("0 0 * * fri-mon", "schedule.numbers"),
        ("5-1 0 1 * *", "schedule.numbers"),
        ("0 0 1,,2 * *", "schedule.numbers"),
        ("*/0 0 * * *", "schedule.numbers"),
        ("0 0 1/x * *", "schedule.numbers"),
        ("²0 0 * * *", "schedule.numbers"),
    ],
)
def test_a_line_that_is_none_is_refused(line: str, code: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_cron(line)
    assert refused.value.code == code
    assert "Write" in refused.value.message


@pytest.mark.parametrize(
    "line",
    ["30 18 * * 1-5", "*/5 1-3 2 * *", "0 0 1,15 * *", "15 10 * 1-6/2 *", "0 0 1 1 * 2027"],
)
def test_times_are_said_as_they_are_written(line: str) -> None:
    spec = ScheduleSpec(calendars=[read_cron(line).calendar])
    assert said_times(spec) == (f"cron {line}",)


def test_lengths_and_intervals_are_said_exactly() -> None:
    assert said_length(timedelta(days=1, minutes=30, seconds=5)) == "1 d 30 min 5 s"
    spec = ScheduleSpec(
        intervals=[ScheduleIntervalSpec(every=timedelta(hours=6), offset=timedelta(minutes=15))]
    )
    assert said_times(spec) == ("every 6 h, 15 min later",)
