"""What applying would change: the file against one listing of the server."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue
from temporalio.client import Client, ScheduleDescription, ScheduleSpec

from tenuto.core.records import Record
from tenuto.engine.runs.calls import refusals
from tenuto.triggers.definition_schedules import find_schedule
from tenuto.triggers.schedules.check import Checked, Wanted
from tenuto.triggers.schedules.facts import Facts, digest, facts_of
from tenuto.triggers.schedules.mark import AuthoredMark, listed_digest, owner_of, read_authored
from tenuto.triggers.schedules.next_times import first_times
from tenuto.triggers.schedules.pacing.target import keeps_moment
from tenuto.triggers.schedules.spec import spec_of

AT_ONCE = 8
"""Schedules that are asked about, or written, at the same time."""
SHOWN_TIMES = 5


class Deed(StrEnum):
    """What applying does about one schedule."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    PRUNE = "prune"
    """It is ours, and nothing says that it should be there: deleted where pruning was asked for."""
    ELSEWHERE = "elsewhere"
    """It belongs to a set that was not chosen, and is there: left alone."""
    TAKEN = "taken"
    """Somebody else's schedule has the id: never touched."""


class FieldChange(Record):
    """One thing that would be different."""

    field: str
    before: JsonValue = None
    """None where there was nothing."""
    after: JsonValue = None
    """None where there would be nothing."""


class Change(Record):
    """What applying would do about one schedule."""

    schedule_id: str
    deed: Deed
    fields: tuple[FieldChange, ...] = ()
    next_times: tuple[datetime, ...] = ()
    """The next starts as the file says, in the author's zone; of what would change."""
    time_zone: str = "UTC"
    is_paused: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Desired:
    """A schedule as it should be on the server."""

    wanted: Wanted
    facts: Facts
    digest: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A schedule as the server lists it."""

    owner: str | None
    """The owner's name; None for what is no file's."""
    digest: str | None
    is_paused: bool


def desired(wanted: Wanted, stamp: str) -> Desired:
    """How the schedule should be, signed as `stamp` says."""
    facts = facts_of(wanted.start, wanted.target, stamp)
    return Desired(wanted, facts, digest(facts))


def is_chosen(wanted: Wanted, sets: Iterable[str]) -> bool:
    """Whether the schedule belongs to one of `sets`, or to none and so everywhere."""
    return not wanted.start.sets or not set(sets).isdisjoint(wanted.start.sets)


async def make_plan(
    client: Client,
    checked: Checked,
    *,
    owner: str,
    stamp: str,
    sets: Iterable[str],
    now: datetime,
) -> list[Change]:
    """What would be done, in the order of the file; then what would be pruned, by id.

    Asks the server for one listing, and for each schedule that is not as it should be.
    """
    chosen = [each for each in checked.wanted if is_chosen(each, sets)]
    listed = await list_schedules(client)
    room = asyncio.Semaphore(AT_ONCE)

    async def compared(wanted: Wanted) -> Change:
        as_desired = desired(wanted, stamp)
        found = listed.get(wanted.start.id)
        if found and found.owner == owner and found.digest == as_desired.digest:
            return _unchanged(wanted, found.is_paused)
        async with room:
            return await _compare(client, as_desired, owner, now)

    changes = list(await asyncio.gather(*map(compared, chosen)))
    changes += _others(listed, checked, {each.schedule_id for each in changes}, owner)
    return changes


async def list_schedules(client: Client) -> dict[str, Listed]:
    """Every schedule of the namespace by id; about a second late."""
    listed = {}
    with refusals("schedules"):
        async for each in await client.list_schedules(page_size=1000):
            owner = await owner_of(each)
            listed[each.id] = Listed(
                owner=owner.name if owner.kind == "file" else None,
                digest=listed_digest(each),
                is_paused=bool(each.schedule and each.schedule.state.paused),
            )
    return listed


def compare_facts(before: Facts, after: Facts) -> tuple[FieldChange, ...]:
    """What is different, in the order of the file."""
    names = dict.fromkeys([*after, *before])
    return tuple(
        FieldChange(field=name, before=before.get(name), after=after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )


def spec_after(aim: Desired, found: ScheduleDescription, mark: AuthoredMark | None) -> ScheduleSpec:
    """When starts of a schedule that is there are due once it is as it should be: what the file
    says, but for the moment that a run of it chose, where the same pace holds."""
    spec = spec_of(aim.wanted.start.when)
    if mark is not None and keeps_moment(mark.facts, aim.facts):
        spec.intervals = found.schedule.spec.intervals
    return spec


async def _compare(client: Client, aim: Desired, owner: str, now: datetime) -> Change:
    start = aim.wanted.start
    with refusals(f"schedule `{start.id}`"):
        found = await find_schedule(client, start.id)
    if found is None:
        return Change(
            schedule_id=start.id,
            deed=Deed.CREATE,
            fields=compare_facts({}, {name: v for name, v in aim.facts.items() if v not in _EMPTY}),
            next_times=tuple(first_times(spec_of(start.when), now, SHOWN_TIMES)),
            time_zone=start.when.time_zone,
            is_paused=start.paused,
        )
    theirs = await owner_of(found)
    if theirs.kind != "file" or theirs.name != owner:
        remark = "somebody else's schedule has this id"
        return Change(schedule_id=start.id, deed=Deed.TAKEN, remark=remark)
    mark = await read_authored(client, found)
    is_paused = found.schedule.state.paused
    if mark is not None and mark.digest == aim.digest:
        return _unchanged(aim.wanted, is_paused)
    return Change(
        schedule_id=start.id,
        deed=Deed.UPDATE,
        fields=compare_facts(mark.facts if mark else {}, aim.facts),
        next_times=tuple(first_times(spec_after(aim, found, mark), now, SHOWN_TIMES)),
        time_zone=start.when.time_zone,
        is_paused=is_paused,
    )


_EMPTY: Sequence[JsonValue] = (None, "", {}, [])


def _unchanged(wanted: Wanted, is_paused: bool) -> Change:
    return Change(
        schedule_id=wanted.start.id,
        deed=Deed.UNCHANGED,
        time_zone=wanted.start.when.time_zone,
        is_paused=is_paused,
    )


def _others(
    listed: dict[str, Listed], checked: Checked, planned: set[str], owner: str
) -> list[Change]:
    """Ours on the server that the plan says nothing of."""
    sets = {each.start.id: each.start.sets for each in checked.wanted}
    changes = []
    for named in sorted(listed.keys() - planned):
        found = listed[named]
        if found.owner != owner:
            continue
        is_written = named in checked.ids
        changes.append(
            Change(
                schedule_id=named,
                deed=Deed.ELSEWHERE if is_written else Deed.PRUNE,
                is_paused=found.is_paused,
                remark=f"is of the set {', '.join(sets.get(named, ()))}" if is_written else "",
            )
        )
    return changes
