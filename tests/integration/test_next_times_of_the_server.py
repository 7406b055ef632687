"""The times that are told offline are those of a real server, in many zones, at both clock changes.

Lord Howe, whose clocks change by half an hour, and zones that leave out midnight are in it because
the server goes its own way there.
"""

import random
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)
from temporalio.service import RPCError

from tenuto.triggers.schedules.next_times import times_of

ZONES = (
    *("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"),
    *("America/Havana", "America/Santiago", "Africa/Cairo", "Atlantic/Azores", "America/Nuuk"),
)
HOURS = ("*", "0-4", "1", "2", "23", "0", "*/3", "22-23", "18")
WEEKDAYS = ("*", "*", "sun", "fri", "sat", "1-5", "0,6", "3-7", "mon")
WHOLE_DAY: Any = {
    "hour": [ScheduleRange(0, 23)],
    "minute": [ScheduleRange(0, 59)],
    "second": [ScheduleRange(0, 59)],
}


@pytest.mark.parametrize("seed", range(3))
async def test_sig_16_they_are_the_servers(client: Client, seed: int) -> None:
    await _compare(client, random.Random(seed), specs=14)  # noqa: S311 (repeatable, no secret)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(100, 106))
async def test_they_are_the_servers_at_length(client: Client, seed: int) -> None:
    await _compare(client, random.Random(seed), specs=100)  # noqa: S311 (repeatable, no secret)


@pytest.mark.parametrize(
    ("line", "zone"),
    [
        ("30 2 * * *", "America/New_York"),
        ("30 1 * * *", "America/New_York"),
        ("*/15 1-2 * * *", "Australia/Lord_Howe"),
        ("* 2 * * sat", "America/Santiago"),
        ("0 9 * * sun", "America/Havana"),
        ("0 0 13 * fri", "UTC"),
        ("CRON_TZ=America/New_York 0 9 * * *", ""),
        ("0 0 5/10 * *", "Asia/Kathmandu"),
        ("30 15 10 * * * 2026", "Europe/London"),
        ("0 9 1 * * # pay day", "Europe/London"),
        ("@weekly", "Europe/London"),
    ],
)
async def test_lines_of_crontab_are_read_as_the_server_reads_them(
    client: Client, line: str, zone: str
) -> None:
    spec = ScheduleSpec(cron_expressions=[line], time_zone_name=zone or None)
    await _holds(client, spec, _changes(zone or "America/New_York"))


async def _compare(client: Client, chance: random.Random, *, specs: int) -> None:
    for _ in range(specs):
        zone = chance.choice(ZONES)
        shifts = [timedelta(minutes=chance.randint(0, 2400)) for _ in range(4)]
        moments = [at - by for at, by in zip(_changes(zone), shifts, strict=False)]
        await _holds(client, _spec(chance, zone), moments)


async def _holds(client: Client, spec: ScheduleSpec, moments: list[datetime]) -> None:
    """Asserts that the server's times around these moments are ours."""
    named = f"times-{uuid.uuid4().hex}"
    handle = await client.create_schedule(
        named,
        Schedule(
            action=ScheduleActionStartWorkflow("None", id=named, task_queue="nobody"),
            spec=spec,
            state=ScheduleState(paused=True),
        ),
    )
    for start in moments:
        end = start + timedelta(hours=62)
        request = ListScheduleMatchingTimesRequest(namespace=client.namespace, schedule_id=named)
        request.start_time.FromDatetime(start)
        request.end_time.FromDatetime(end)
        theirs = await _theirs(client, request)
        ours = [each.astimezone(UTC) for each in _until(spec, start, end)]
        assert ours[: len(theirs)] == theirs, (spec, start)
        assert len(ours) == len(theirs) or len(theirs) == 1000, (spec, start)
    await handle.delete()


async def _theirs(client: Client, request: ListScheduleMatchingTimesRequest) -> list[datetime]:
    """None where the server gives up, after a million starts in a row that are skipped."""
    try:
        found = await client.workflow_service.list_schedule_matching_times(request)
    except RPCError as error:
        if "too many exclusions" not in error.message:
            raise
        return []
    return [each.ToDatetime(UTC) for each in found.start_time]


def _until(spec: ScheduleSpec, start: datetime, end: datetime) -> list[datetime]:
    return list(takewhile(lambda moment: moment <= end, times_of(spec, start)))


def _spec(chance: random.Random, zone: str) -> ScheduleSpec:
    line = " ".join(
        [
            _numbers(chance, 0, 59),
            chance.choice(HOURS),
            chance.choice(("*", "*", "*", _numbers(chance, 1, 31))),
            "*",
            chance.choice(WEEKDAYS),
        ]
    )
    spec = ScheduleSpec(cron_expressions=[line], time_zone_name=zone)
    if chance.random() < 0.3:
        every = timedelta(minutes=chance.randint(10, 5000))
        spec.intervals = [ScheduleIntervalSpec(every=every, offset=every / 3)]
    if chance.random() < 0.3:
        minute = ScheduleRange(chance.randint(0, 30), chance.randint(30, 59), 7)
        seconds = [ScheduleRange(chance.randint(0, 59))]
        hours = [ScheduleRange(0, 3)]
        spec.calendars = [ScheduleCalendarSpec(second=seconds, minute=[minute], hour=hours)]
    if chance.random() < 0.3:
        weekday = [ScheduleRange(chance.randint(0, 6))]
        spec.skip = [ScheduleCalendarSpec(day_of_week=weekday, **WHOLE_DAY)]
    return spec


def _numbers(chance: random.Random, least: int, most: int) -> str:
    first = chance.randint(least, most)
    last = chance.randint(first, most)
    several = ",".join(str(chance.randint(least, most)) for _ in range(3))
    return chance.choice(
        ("*", str(first), f"{first}-{last}", f"*/{chance.randint(3, 20)}", several)
    )


@cache
def _changes(zone: str) -> list[datetime]:
    """The moments of two years at which the zone's clocks change; one for a zone without any."""
    here, hour = ZoneInfo(zone), timedelta(hours=1)
    moment, found = datetime(2026, 1, 1, tzinfo=UTC), []
    while moment.year < 2027:
        later = moment + hour
        if later.astimezone(here).utcoffset() != moment.astimezone(here).utcoffset():
            found.append(later)
        moment = later
    return found or [datetime(2026, 6, 1, tzinfo=UTC)]
