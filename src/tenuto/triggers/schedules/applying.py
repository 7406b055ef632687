"""Makes the server follow the file: creates, updates in place, deletes; history and pauses stay."""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.api.common.v1 import SearchAttributes
from temporalio.api.schedule.v1 import Schedule as RawSchedule
from temporalio.client import (
    Client,
    Schedule,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleSpec,
    ScheduleState,
)
from temporalio.converter import encode_search_attributes
from temporalio.service import RPCError, RPCStatusCode

from tenuto.core.errors import TransientError, UsageError
from tenuto.engine.runs.calls import refusals
from tenuto.engine.schedules import replace_schedule
from tenuto.triggers.definition_schedules import find_schedule
from tenuto.triggers.origin import Origin
from tenuto.triggers.schedules.mark import (
    AUTHORED,
    AuthoredMark,
    found_by,
    owner_memo,
    owner_of,
    read_authored,
)
from tenuto.triggers.schedules.plan import Deed, Desired, spec_after
from tenuto.triggers.schedules.spec import policy_of, spec_of
from tenuto.triggers.schedules.targets import attributes_of

_MOST_TRIES = 10


async def put_schedule(client: Client, aim: Desired, owner: str, origin: Origin) -> Deed:
    """Creates or updates one schedule; whether it is paused, and why, stays as people left it.

    Of two that do this at once both end with the same schedule, if they want the same. Returns
    what was done. Raises UsageError `schedule.taken` for somebody else's schedule,
    `schedule.refused` for what the server does not take, TransientError `schedule.contested`
    where others change it all the time.
    """
    named = aim.wanted.start.id
    done = Deed.UNCHANGED
    seen: AuthoredMark | None = None
    for _ in range(_MOST_TRIES):
        with refusals(f"schedule `{named}`"):
            found = await find_schedule(client, named)
        if found is None:
            if await _create(client, aim, owner, origin):
                return Deed.CREATE
            continue
        await refuse_foreign(found, owner)
        mark = await read_authored(client, found)
        if mark is not None and mark.digest == aim.digest:
            return done
        if done is Deed.UPDATE and mark != seen:
            raise _contested(named)
        seen, done = mark, Deed.UPDATE
        await _update(client, found, aim, owner, origin)
    raise _contested(named)


async def prune_schedule(client: Client, named: str, owner: str) -> None:
    """Deletes one schedule of that owner; what is gone already is fine.

    Raises UsageError `schedule.taken` for somebody else's.
    """
    with refusals(f"schedule `{named}`"):
        found = await find_schedule(client, named)
        if found is None:
            return
        await refuse_foreign(found, owner)
        try:
            await client.get_schedule_handle(named).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


async def refuse_foreign(found: ScheduleDescription, owner: str) -> None:
    """Raises UsageError `schedule.taken` for a schedule that is not that owner's."""
    theirs = await owner_of(found)
    if theirs.kind == "file" and theirs.name == owner:
        return
    whose = {
        "file": f"the project `{theirs.name}`" if theirs.name else "a project without `owner`",
        "definition": f"the definition `{theirs.name}`",
        "other": "nobody that Tenuto knows",
    }[theirs.kind]
    raise UsageError(
        f"The schedule `{found.id}` is there and belongs to {whose}; it is left alone. Choose"
        " another id, or set `[schedules] owner` to the name it was applied with.",
        code="schedule.taken",
        details={"schedule_id": found.id, "owner": theirs.model_dump(mode="json")},
    )


async def _create(client: Client, aim: Desired, owner: str, origin: Origin) -> bool:
    """False where somebody else was faster."""
    start = aim.wanted.start
    schedule = _schedule(aim, spec_of(start.when), owner, origin)
    schedule.state = ScheduleState(note=start.note or None, paused=start.paused)
    try:
        with _server_refusals(start.id):
            await client.create_schedule(
                start.id,
                schedule,
                memo=owner_memo(owner),
                search_attributes=found_by(aim.wanted.target.listed_as, aim.digest),
            )
    except ScheduleAlreadyRunningError:
        return False
    return True


async def _update(
    client: Client, found: ScheduleDescription, aim: Desired, owner: str, origin: Origin
) -> None:
    """Sends the update with the token of what was seen: the server drops it silently where
    somebody paused or changed the schedule meanwhile."""
    start = aim.wanted.start
    mark = await read_authored(client, found)
    raw = await _raw(client, _schedule(aim, spec_after(aim, found, mark), owner, origin))
    raw.state.CopyFrom(found.raw_description.schedule.state)
    if raw.state.notes == (mark.note if mark else ""):
        raw.state.notes = start.note
    attributes = SearchAttributes()
    encode_search_attributes(found_by(aim.wanted.target.listed_as, aim.digest), attributes)
    token = found.raw_description.conflict_token
    with _server_refusals(start.id):
        await replace_schedule(client, start.id, raw, token=token, found_by=attributes)


async def _raw(client: Client, schedule: Schedule) -> RawSchedule:
    return await schedule._to_proto(client)


def _schedule(aim: Desired, spec: ScheduleSpec, owner: str, origin: Origin) -> Schedule:
    start, target = aim.wanted.start, aim.wanted.target
    mark = AuthoredMark(
        owner=owner,
        digest=aim.digest,
        text=aim.wanted.text,
        source=aim.wanted.source,
        time_zone=start.when.time_zone,
        note=start.note,
        facts=aim.facts,
    )
    action = target.action(start, {AUTHORED: mark}, origin)
    action.typed_search_attributes = attributes_of(start, target)
    return Schedule(action=action, spec=spec, policy=policy_of(start))


@contextmanager
def _server_refusals(named: str) -> Iterator[None]:
    with refusals(f"schedule `{named}`"):
        try:
            yield
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                raise
            raise UsageError(
                f"The server refuses the schedule `{named}`: {error.message}. Correct it, and"
                " apply again.",
                code="schedule.refused",
                details={"schedule_id": named},
            ) from error


def _contested(named: str) -> TransientError:
    return TransientError(
        f"Others change the schedule `{named}` at this moment, to something else. See that two"
        " versions of the file are not applied at once, and apply again.",
        code="schedule.contested",
        details={"schedule_id": named},
    )
