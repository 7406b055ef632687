"""The Temporal Schedule of a deployed definition: made, replaced, left alone, or removed."""

import functools
from enum import StrEnum
from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleIntervalSpec,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.definitions.digest import digest_of
from tenuto.definitions.plan import Plan
from tenuto.triggers.definition_timetable import Timetable
from tenuto.triggers.definitions import scheduled_start
from tenuto.triggers.origin import Origin
from tenuto.triggers.schedules.spec import OVERLAPS

_OWNER = "TenutoOwner"
"""Memo of a schedule: whose it is. It cannot be changed later, so nothing else is in it."""
_MARK = "TenutoSchedule"
"""Memo of what the schedule starts: which deployment it was made from."""


class Change(StrEnum):
    """What became of a definition's schedule."""

    CREATED = "created"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    NONE = "none"
    """There was none, and there is none."""


class ScheduleMark(Record):
    """What a schedule was made from."""

    version: str
    digest: str
    timetable: Timetable


class ScheduleChange(Record):
    """The outcome of a deployment for the schedule."""

    schedule_id: str
    change: Change
    before: ScheduleMark | None = None
    """What it was made from, where there was one."""
    is_paused: bool = False


def schedule_id(namespace: str, name: str) -> str:
    """What the schedule of a definition is called; all versions share one."""
    return f"definition/{namespace}/{name}"


async def apply_schedule(
    client: Client, plan: Plan, timetable: Timetable | None, *, origin: Origin | None = None
) -> ScheduleChange:
    """Makes the definition's schedule start `plan` by `timetable`, or removes it without one.

    A schedule that is paused stays paused. `origin` signs its starts, afresh each time: keys and
    rules change though the schedule does not. Raises UsageError for a schedule of that id which
    Tenuto did not make, and for a timetable that the server refuses.
    """
    named = schedule_id(plan.head.namespace, plan.head.name)
    found = await find_schedule(client, named)
    if found is not None:
        await _refuse_foreign(found)
    handle = client.get_schedule_handle(named)
    if timetable is None:
        return await _remove(client, handle, found)
    mark = ScheduleMark(version=plan.head.version, digest=digest_of(plan), timetable=timetable)
    schedule = _schedule(plan, mark, origin)
    try:
        if found is None:
            await client.create_schedule(named, schedule, memo={_OWNER: named})
            return ScheduleChange(schedule_id=named, change=Change.CREATED)
        return await _replace(client, handle, found, schedule, mark)
    except ScheduleAlreadyRunningError as error:
        raise UsageError(
            f"Somebody else made the schedule `{named}` at this moment; deploy again.",
            code="definition.schedule-taken",
        ) from error
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        raise UsageError(
            f"The server refuses the schedule `{timetable.cron or timetable.every}`:"
            f" {error.message}. Correct `schedule` in the definition.",
            code="definition.schedule",
        ) from error


async def find_schedule(client: Client, named: str) -> ScheduleDescription | None:
    """The schedule of that id, or None."""
    try:
        return await client.get_schedule_handle(named).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def read_mark(client: Client, found: ScheduleDescription) -> ScheduleMark | None:
    """What the schedule was made from."""
    action = found.schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return None
    payload: Any = (action.memo or {}).get(_MARK)
    if payload is None:
        return None
    (mark,) = await client.data_converter.decode([payload], [ScheduleMark])
    assert isinstance(mark, ScheduleMark)  # noqa: S101 (narrowing: decoded as that)
    return mark


async def _refuse_foreign(found: ScheduleDescription) -> None:
    if await found.memo_value(_OWNER, None) == found.id:
        return
    raise UsageError(
        f"There is a schedule `{found.id}` that Tenuto did not make. Delete or rename it, or deploy"
        " without a schedule (`--no-schedule`).",
        code="definition.schedule-taken",
        details={"schedule_id": found.id},
    )


async def _remove(
    client: Client, handle: ScheduleHandle, found: ScheduleDescription | None
) -> ScheduleChange:
    if found is None:
        return ScheduleChange(schedule_id=handle.id, change=Change.NONE)
    before = await read_mark(client, found)
    await handle.delete()
    return ScheduleChange(schedule_id=handle.id, change=Change.REMOVED, before=before)


async def _replace(
    client: Client,
    handle: ScheduleHandle,
    found: ScheduleDescription,
    schedule: Schedule,
    mark: ScheduleMark,
) -> ScheduleChange:
    before = await read_mark(client, found)
    if before != mark or is_signed(schedule):
        await handle.update(functools.partial(_with_state, schedule))
    return ScheduleChange(
        schedule_id=handle.id,
        change=Change.UNCHANGED if before == mark else Change.REPLACED,
        before=before,
        is_paused=found.schedule.state.paused,
    )


def is_signed(schedule: Schedule) -> bool:
    """Whether the starts of the schedule carry anything signed."""
    action = schedule.action
    return isinstance(action, ScheduleActionStartWorkflow) and bool(action.headers)


def _with_state(schedule: Schedule, given: ScheduleUpdateInput) -> ScheduleUpdate:
    schedule.state = given.description.schedule.state
    return ScheduleUpdate(schedule=schedule)


def _schedule(plan: Plan, mark: ScheduleMark, origin: Origin | None) -> Schedule:
    when = mark.timetable
    named = schedule_id(plan.head.namespace, plan.head.name)
    return Schedule(
        action=scheduled_start(plan, named, memo={_MARK: mark}, origin=origin),
        spec=ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=when.every)] if when.every else [],
            cron_expressions=[when.cron] if when.cron else [],
            time_zone_name=when.time_zone if when.cron else None,
            jitter=when.jitter or None,
        ),
        policy=SchedulePolicy(overlap=OVERLAPS[when.overlap], catchup_window=when.catchup),
    )
