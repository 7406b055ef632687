"""One schedule, with all that is known about it."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from pydantic import AwareDatetime
from temporalio.api.schedule.v1 import ScheduleActionResult
from temporalio.client import Client, ScheduleActionStartWorkflow, ScheduleDescription, ScheduleSpec

from tenuto.core.errors import NotFoundError
from tenuto.core.records import Record
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.engine.bootstrap import ENTRY
from tenuto.engine.runs.calls import refusals
from tenuto.engine.runs.origin import started_by
from tenuto.engine.runs.status import RunStatus
from tenuto.triggers.definition_schedules import find_schedule
from tenuto.triggers.definition_schedules import read_mark as read_definition_mark
from tenuto.triggers.schedules.listing import LastRun
from tenuto.triggers.schedules.mark import Owner, owner_of, read_authored
from tenuto.triggers.schedules.outcomes import outcomes_of
from tenuto.triggers.schedules.said import said_when


class ScheduleDetails(Record):
    """A schedule, as it is shown alone."""

    schedule_id: str
    owner: Owner
    starts: str
    times: tuple[str, ...]
    time_zone: str
    authored: str | None
    """As it was written, YAML; None for one that no file of ours made."""
    source: str | None
    """Where it is written."""
    applied_by: str | None
    is_paused: bool
    note: str
    overlap: str
    catchup_window: timedelta
    next_runs: tuple[AwareDatetime, ...]
    """The server's own, jitter included; UTC."""
    recent_runs: tuple[LastRun, ...]
    """The newest first."""
    running: tuple[str, ...]
    """Workflow ids of runs that are open, as the schedule knows."""
    started: int
    """Starts since it was created."""
    missed_catchup: int
    """Starts that were missed for longer than the catch-up window, and dropped."""
    skipped_overlap: int
    """Starts that were dropped because a run was open."""
    buffered: int
    """Starts that wait for a run to end."""
    problem: str | None
    """Why the server cannot follow its times any more."""


async def read_schedule(client: Client, named: str) -> ScheduleDescription:
    """The schedule. Raises NotFoundError `schedule.not-found` that suggests near ids."""
    with refusals(f"schedule `{named}`"):
        found = await find_schedule(client, named)
    if found is None:
        raise await not_found(client, named)
    return found


async def not_found(client: Client, named: str) -> NotFoundError:
    """The error for an id that no schedule has."""
    with refusals("schedules"):
        ids = [each.id async for each in await client.list_schedules(page_size=1000)]
    near = did_you_mean(named, ids)
    return NotFoundError(
        f"There is no schedule `{named}`. {near or '`tenuto schedule list` shows what there is.'}",
        code="schedule.not-found",
        details={"schedule_id": named},
    )


async def describe_schedule(client: Client, named: str) -> ScheduleDetails:
    """All about one schedule. Raises NotFoundError `schedule.not-found`."""
    found = await read_schedule(client, named)
    raw = found.raw_description
    mark = await read_authored(client, found)
    spec = found.schedule.spec
    return ScheduleDetails(
        schedule_id=found.id,
        owner=await owner_of(found),
        starts=_starts(found),
        times=said_when(spec, raw.schedule.action.start_workflow.workflow_type.name),
        time_zone=zone_of(spec),
        authored=mark.text if mark else await _of_definition(client, found),
        source=mark.source if mark else None,
        applied_by=await _applied_by(client, found),
        is_paused=found.schedule.state.paused,
        note=found.schedule.state.note or "",
        overlap=found.schedule.policy.overlap.name.lower().replace("_", " "),
        catchup_window=raw.schedule.policies.catchup_window.ToTimedelta(),
        next_runs=tuple(each.ToDatetime(UTC) for each in raw.info.future_action_times),
        recent_runs=await recent_runs(client, raw.info.recent_actions),
        running=tuple(each.workflow_id for each in raw.info.running_workflows),
        started=raw.info.action_count,
        missed_catchup=raw.info.missed_catchup_window,
        skipped_overlap=raw.info.overlap_skipped,
        buffered=raw.info.buffer_size,
        problem=raw.info.invalid_schedule_error or None,
    )


async def recent_runs(
    client: Client, actions: Sequence[ScheduleActionResult]
) -> tuple[LastRun, ...]:
    """The runs that a schedule started lately, the newest first, with how they ended."""
    known: dict[str, RunStatus] = await outcomes_of(
        client, (each.start_workflow_result.run_id for each in actions)
    )
    return tuple(
        LastRun(
            workflow_id=each.start_workflow_result.workflow_id,
            run_id=each.start_workflow_result.run_id,
            due_at=each.schedule_time.ToDatetime(UTC),
            started_at=each.actual_time.ToDatetime(UTC),
            status=known.get(each.start_workflow_result.run_id),
        )
        for each in reversed(actions)
    )


def zone_of(spec: ScheduleSpec) -> str:
    """The author's time zone."""
    return spec.time_zone_name or "UTC"


def _starts(found: ScheduleDescription) -> str:
    entry = found.typed_search_attributes.get(ENTRY)
    action = found.schedule.action
    if entry is not None or not isinstance(action, ScheduleActionStartWorkflow):
        return entry or ""
    return str(action.workflow)


async def _of_definition(client: Client, found: ScheduleDescription) -> str | None:
    mark = await read_definition_mark(client, found)
    if mark is None:
        return None
    lines = [f"cron: {mark.timetable.cron}"] if mark.timetable.cron else []
    lines += [f"every: {mark.timetable.every}"] if mark.timetable.every else []
    return "\n".join([f"# `schedule` of the definition, version {mark.version}", *lines, ""])


async def _applied_by(client: Client, found: ScheduleDescription) -> str | None:
    return await started_by(client, found.raw_description.schedule.action.start_workflow.memo)
