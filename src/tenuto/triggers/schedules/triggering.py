"""Starting a run of a schedule now, and telling which run it is."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime
from temporalio.api.schedule.v1 import (
    ScheduleActionResult,
    ScheduleInfo,
    SchedulePatch,
    TriggerImmediatelyRequest,
)
from temporalio.client import Client, ScheduleDescription, ScheduleOverlapPolicy

from tenuto.core.errors import TransientError, UsageError
from tenuto.core.records import Record
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.moments import now
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.schedules.reading import read_schedule
from tenuto.triggers.schedules.spec import OVERLAPS
from tenuto.triggers.schedules.switching import of_named, patch_schedule

PATIENCE = timedelta(seconds=10)
"""How long the server may take to start the run."""
_PAUSE_S = 0.05


class Triggered(Record):
    """What came of it."""

    schedule_id: str
    outcome: Literal["started", "queued"]
    due_at: AwareDatetime
    run: Execution | None = None
    """The new run; None for one that is started when those before it have ended."""
    running: tuple[str, ...] = ()
    """Workflow ids of the runs that it waits for."""


async def trigger_schedule(
    gate: Gate, client: Client, named: str, *, overlap: str | None = None
) -> Triggered:
    """Starts a run as the schedule does, paused or not, if `schedule:trigger` is allowed.

    `overlap` takes the place of the schedule's own policy. Raises UsageError
    `schedule.already-running` where a run is open and the policy drops this one,
    `schedule.overlap` for no policy, TransientError `schedule.no-run-yet` where the server does
    not start it in time.
    """
    policy = overlap_of(overlap)
    await gate.authorize("schedule:trigger", of_named(named))
    before = await read_schedule(client, named)
    due = _free_moment(before)
    wanted = TriggerImmediatelyRequest(overlap_policy=policy)  # type: ignore[arg-type]
    wanted.scheduled_time.FromDatetime(due)
    await patch_schedule(client, named, SchedulePatch(trigger_immediately=wanted))
    return await _outcome(client, before, due)


def overlap_of(word: str | None) -> int:
    """The server's number of a policy; 0 for the schedule's own."""
    if word is None:
        return 0
    if word not in OVERLAPS:
        raise UsageError(
            f"`{word}` is no overlap policy; valid are {', '.join(OVERLAPS)}.",
            code="schedule.overlap",
        )
    return int(OVERLAPS[word])


def _free_moment(found: ScheduleDescription) -> datetime:
    """Now, or the second after the last start: runs are called by the second that they are due, and
    of two in one second only one would be started."""
    moment = now()
    actions = found.raw_description.info.recent_actions
    taken = {each.schedule_time.seconds for each in actions}
    while int(moment.timestamp()) in taken:
        moment += timedelta(seconds=1)
    return moment


async def _outcome(client: Client, before: ScheduleDescription, due: datetime) -> Triggered:
    known = before.raw_description.info
    ends = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
    while asyncio.get_running_loop().time() < ends:
        info = (await read_schedule(client, before.id)).raw_description.info
        running = tuple(each.workflow_id for each in info.running_workflows)
        run = _started(info, due)
        if run is not None:
            return Triggered(schedule_id=before.id, outcome="started", due_at=due, run=run)
        if info.overlap_skipped > known.overlap_skipped:
            raise already_running(before, running)
        if info.buffer_size > known.buffer_size:
            return Triggered(schedule_id=before.id, outcome="queued", due_at=due, running=running)
        await asyncio.sleep(_PAUSE_S)
    raise TransientError(
        f"The server took the trigger of `{before.id}` and has not started a run after"
        f" {PATIENCE.total_seconds():g} s. `tenuto schedule show {before.id}` tells when it does.",
        code="schedule.no-run-yet",
        details={"schedule_id": before.id},
    )


def _started(info: ScheduleInfo, due: datetime) -> Execution | None:
    for each in reversed(info.recent_actions):
        if _is_due(each, due):
            run = each.start_workflow_result
            return Execution(workflow_id=run.workflow_id, run_id=run.run_id)
    return None


def _is_due(action: ScheduleActionResult, due: datetime) -> bool:
    return bool(action.schedule_time.ToDatetime(UTC) == due)


def already_running(found: ScheduleDescription, running: tuple[str, ...]) -> UsageError:
    """The error for a start that the overlap policy drops."""
    policy = ScheduleOverlapPolicy(found.schedule.policy.overlap).name.lower().replace("_", " ")
    names = ", ".join(f"`{each}`" for each in running) or "a run that has just ended"
    return UsageError(
        f"Schedule `{found.id}` is already running {names}, and its overlap policy is {policy}: no"
        " other run was started. Wait for it (`tenuto show`), or add `--overlap bufferOne` to start"
        " one when it has ended, `--overlap allowAll` to start one beside it.",
        code="schedule.already-running",
        details={"schedule_id": found.id, "running": list(running)},
    )
