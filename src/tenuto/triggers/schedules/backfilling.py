"""Starting the runs of a time that has passed."""

from datetime import datetime, timedelta
from itertools import islice, takewhile

from pydantic import AwareDatetime
from temporalio.client import Client, ScheduleBackfill, ScheduleOverlapPolicy, ScheduleSpec

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.engine.runs.calls import refusals
from tenuto.engine.runs.moments import now
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.schedules.next_times import JUST_BEFORE, first_times, times_of
from tenuto.triggers.schedules.reading import read_schedule
from tenuto.triggers.schedules.switching import of_named
from tenuto.triggers.schedules.triggering import overlap_of

MOST = 1000
"""Starts of one backfill: what waits beyond that, the server drops."""
DEFAULT_MOST = 100
DEFAULT_OVERLAP = "bufferAll"
"""One after the other. With `skip`, the first of them would be the only one."""


class Backfill(Record):
    """What a backfill starts."""

    schedule_id: str
    times: tuple[AwareDatetime, ...]
    """When each was due, in the author's zone."""
    until: AwareDatetime
    """The last of them, and what jitter may add to it."""
    time_zone: str
    overlap: str


async def plan_backfill(
    gate: Gate,
    client: Client,
    named: str,
    start: datetime,
    end: datetime,
    *,
    overlap: str = DEFAULT_OVERLAP,
    most: int = DEFAULT_MOST,
) -> Backfill:
    """Every start due from `start` to `end`, both included; starts nothing.

    Asks for `schedule:read`. Raises UsageError `schedule.backfill-range` where `end` comes before
    `start` or is still to come, `schedule.backfill-too-many` for more than `most`.
    """
    overlap_of(overlap)
    await gate.authorize("schedule:read", of_named(named))
    _check_range(start, end)
    spec = (await read_schedule(client, named)).schedule.spec
    due = takewhile(lambda moment: moment <= end, times_of(spec, start - JUST_BEFORE))
    times = tuple(islice(due, most + 1))
    if len(times) > most:
        raise UsageError(
            f"More than {most:,} starts of `{named}` were due from {start.isoformat()} to"
            f" {end.isoformat()}. Backfill a shorter time, or allow more (`--most`, up to"
            f" {MOST:,}).",
            code="schedule.backfill-too-many",
            details={"schedule_id": named, "most": most},
        )
    zone = spec.time_zone_name or "UTC"
    until = _until(spec, times[-1]) if times else end
    return Backfill(schedule_id=named, times=times, until=until, time_zone=zone, overlap=overlap)


async def start_backfill(gate: Gate, client: Client, wanted: Backfill) -> None:
    """Starts what was planned, if `schedule:backfill` is allowed; the server does so at its own
    pace. A moment whose run is open is not started again; one whose run has ended is."""
    await gate.authorize("schedule:backfill", of_named(wanted.schedule_id))
    if not wanted.times:
        return
    handle = client.get_schedule_handle(wanted.schedule_id)
    with refusals(f"schedule `{wanted.schedule_id}`"):
        await handle.backfill(
            ScheduleBackfill(
                start_at=wanted.times[0],
                end_at=wanted.until,
                overlap=ScheduleOverlapPolicy(overlap_of(wanted.overlap)),
            )
        )


def _until(spec: ScheduleSpec, last: datetime) -> datetime:
    """The server judges a start by when jitter puts it, which is before the one that follows."""
    latest = last + (spec.jitter or timedelta())
    following = first_times(spec, last, 1)
    return min([latest, *(each - JUST_BEFORE for each in following)])


def _check_range(start: datetime, end: datetime) -> None:
    if start > end or end > now():
        raise UsageError(
            f"A backfill starts what was due: from {start.isoformat()} to {end.isoformat()} is"
            f" {'no time' if start > end else 'not over yet'}. Give `--from` and a later `--to`"
            " that has passed.",
            code="schedule.backfill-range",
        )
