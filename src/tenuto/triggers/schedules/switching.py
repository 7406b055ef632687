"""Pausing, resuming, and deleting schedules: doing it twice is as good as doing it once."""

import secrets
from collections.abc import Sequence
from enum import StrEnum

from temporalio.api.schedule.v1 import SchedulePatch
from temporalio.api.workflowservice.v1 import PatchScheduleRequest
from temporalio.client import Client, ScheduleDescription
from temporalio.service import RPCError, RPCStatusCode

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.policy.decision import Resource
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.schedules.mark import owner_of, read_authored
from tenuto.triggers.schedules.reading import read_schedule


class Switch(StrEnum):
    """What became of a schedule."""

    PAUSED = "paused"
    RESUMED = "resumed"
    DELETED = "deleted"
    ALREADY = "already so"
    ABSENT = "no such schedule"


class Switched(Record):
    """The outcome for one schedule."""

    schedule_id: str
    outcome: Switch
    note: str = ""
    """What its note says now."""


def of_named(schedule_id: str) -> Resource:
    """The schedule, as rules know it."""
    return Resource(type="Schedule", id=schedule_id)


async def pause_schedules(
    gate: Gate, client: Client, ids: Sequence[str], reason: str
) -> list[Switched]:
    """Pauses each, if `schedule:pause` is allowed for all of them. One that is paused already keeps
    the reason it was paused for. Raises NotFoundError for an unknown one, before any is paused.
    """
    found = await _allowed(gate, client, "schedule:pause", ids)
    note = f"{reason} ({gate.principal.id})" if reason else f"paused by {gate.principal.id}"
    done = []
    for each in found:
        state = each.schedule.state
        if state.paused:
            done.append(_already(each))
            continue
        await patch_schedule(client, each.id, SchedulePatch(pause=note))
        done.append(Switched(schedule_id=each.id, outcome=Switch.PAUSED, note=note))
    return done


async def resume_schedules(
    gate: Gate, client: Client, ids: Sequence[str], reason: str
) -> list[Switched]:
    """Resumes each, if `schedule:resume` is allowed for all of them; its note is the reason, else
    what its author wrote. Starts that were due meanwhile are not made up for. Raises as
    `pause_schedules`.
    """
    found = await _allowed(gate, client, "schedule:resume", ids)
    done = []
    for each in found:
        if not each.schedule.state.paused:
            done.append(_already(each))
            continue
        note = await _note_after(gate, client, each, reason)
        await patch_schedule(client, each.id, SchedulePatch(unpause=note))
        done.append(Switched(schedule_id=each.id, outcome=Switch.RESUMED, note=note))
    return done


async def delete_schedules(
    gate: Gate, client: Client, ids: Sequence[str], *, also_foreign: bool = False
) -> list[Switched]:
    """Deletes each, if `schedule:delete` is allowed for all of them; runs that it started go on.

    One that is not there is no error. Raises UsageError `schedule.foreign`, before any is deleted,
    for one that Tenuto did not make, unless `also_foreign`.
    """
    for each in ids:
        await gate.authorize("schedule:delete", of_named(each))
    if not also_foreign:
        for each in ids:
            await _refuse_foreign(client, each)
    return [await _delete(client, each) for each in dict.fromkeys(ids)]


async def patch_schedule(client: Client, named: str, patch: SchedulePatch) -> None:
    """Sends what a schedule is to do now."""
    request = PatchScheduleRequest(
        namespace=client.namespace,
        schedule_id=named,
        patch=patch,
        identity=client.identity,
        request_id=secrets.token_hex(16),
    )
    with refusals(f"schedule `{named}`"):
        await client.workflow_service.patch_schedule(request, timeout=PATIENCE)


async def _allowed(
    gate: Gate, client: Client, action: str, ids: Sequence[str]
) -> list[ScheduleDescription]:
    for each in ids:
        await gate.authorize(action, of_named(each))
    return [await read_schedule(client, each) for each in dict.fromkeys(ids)]


def _already(found: ScheduleDescription) -> Switched:
    note = found.schedule.state.note or ""
    return Switched(schedule_id=found.id, outcome=Switch.ALREADY, note=note)


async def _note_after(gate: Gate, client: Client, found: ScheduleDescription, reason: str) -> str:
    if reason:
        return f"{reason} ({gate.principal.id})"
    mark = await read_authored(client, found)
    return (mark.note if mark else "") or f"resumed by {gate.principal.id}"


async def _refuse_foreign(client: Client, named: str) -> None:
    with refusals(f"schedule `{named}`"):
        try:
            found = await client.get_schedule_handle(named).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return
    if (await owner_of(found)).kind == "other":
        raise UsageError(
            f"Tenuto did not make the schedule `{named}`. `--foreign` deletes it all the same.",
            code="schedule.foreign",
            details={"schedule_id": named},
        )


async def _delete(client: Client, named: str) -> Switched:
    with refusals(f"schedule `{named}`"):
        try:
            await client.get_schedule_handle(named).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return Switched(schedule_id=named, outcome=Switch.ABSENT)
    return Switched(schedule_id=named, outcome=Switch.DELETED)
