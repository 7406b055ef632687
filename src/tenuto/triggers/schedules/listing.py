"""Every schedule of a namespace, from one listing: nothing is asked about each of them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import AwareDatetime
from temporalio.client import Client, ScheduleListDescription, ScheduleSpec

from tenuto.core.errors import DataError
from tenuto.core.records import Record
from tenuto.engine.bootstrap import ENTRY
from tenuto.engine.encryption import WITHOUT_KEY
from tenuto.engine.runs.calls import refusals
from tenuto.engine.runs.status import RunStatus
from tenuto.triggers.schedules.mark import Owner, owner_of
from tenuto.triggers.schedules.outcomes import outcomes_of
from tenuto.triggers.schedules.said import said_when

PAGE_SIZE = 1000


class LastRun(Record):
    """A run that a schedule started."""

    workflow_id: str
    run_id: str
    due_at: AwareDatetime
    started_at: AwareDatetime
    status: RunStatus | None = None
    """None for a run that the server does not list: it is too new, or gone."""


class ScheduleSummary(Record):
    """A schedule, as a list shows it."""

    schedule_id: str
    owner: Owner
    starts: str
    """Catalog name of the workflow, or `namespace/name` of the definition; the Temporal type where
    the schedule is not from a file."""
    times: tuple[str, ...]
    time_zone: str
    """The author's."""
    is_paused: bool
    note: str
    """Why it is paused, or what its author says."""
    next_run: AwareDatetime | None
    """When a run is due next, whether or not the schedule is paused; in UTC."""
    last_run: LastRun | None


async def list_schedules(
    client: Client, *, prefix: str = "", is_paused: bool | None = None, owner: str | None = None
) -> list[ScheduleSummary]:
    """The schedules that match, by id; about a second late. `owner` is the name of a project or of
    a definition.

    The last runs of all of them are asked for together. Raises as `refusals` does.
    """
    rows = []
    with refusals("schedules"):
        async for each in await client.list_schedules(page_size=PAGE_SIZE):
            if each.id.startswith(prefix) and is_paused in (None, _is_paused(each)):
                row = await _summary(each)
                if owner in (None, row.owner.name, row.owner.kind):
                    rows.append(row)
    rows.sort(key=lambda row: row.schedule_id)
    return await _with_outcomes(client, rows)


async def owner_here(found: ScheduleListDescription) -> Owner:
    """Whose the schedule is; nobody's whose memo was encrypted with a key that is not here."""
    try:
        return await owner_of(found)
    except DataError as unreadable:
        if unreadable.code not in WITHOUT_KEY:
            raise
        return Owner(kind="other")


async def _summary(found: ScheduleListDescription) -> ScheduleSummary:
    info = found.raw_entry.info
    spec = ScheduleSpec._from_proto(info.spec)
    entry = found.typed_search_attributes.get(ENTRY)
    return ScheduleSummary(
        schedule_id=found.id,
        owner=await owner_here(found),
        starts=entry or info.workflow_type.name,
        times=said_when(spec, info.workflow_type.name),
        time_zone=spec.time_zone_name or "UTC",
        is_paused=info.paused,
        note=info.notes,
        next_run=_first(each.ToDatetime(UTC) for each in info.future_action_times),
        last_run=_last(found),
    )


def _is_paused(found: ScheduleListDescription) -> bool:
    return bool(found.raw_entry.info.paused)


def _first(moments: Iterable[datetime]) -> datetime | None:
    return next(iter(moments), None)


def _last(found: ScheduleListDescription) -> LastRun | None:
    if not found.raw_entry.info.recent_actions:
        return None
    action = found.raw_entry.info.recent_actions[-1]
    return LastRun(
        workflow_id=action.start_workflow_result.workflow_id,
        run_id=action.start_workflow_result.run_id,
        due_at=action.schedule_time.ToDatetime(UTC),
        started_at=action.actual_time.ToDatetime(UTC),
    )


async def _with_outcomes(client: Client, rows: list[ScheduleSummary]) -> list[ScheduleSummary]:
    known = await outcomes_of(client, (row.last_run.run_id for row in rows if row.last_run))
    return [
        row.model_copy(update={"last_run": _ended(row.last_run, known)}) if row.last_run else row
        for row in rows
    ]


def _ended(run: LastRun, known: dict[str, RunStatus]) -> LastRun:
    return run.model_copy(update={"status": known.get(run.run_id)})
