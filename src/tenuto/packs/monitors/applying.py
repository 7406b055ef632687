"""Monitors as a file has them, held against those there are: what differs, and making it so."""

from collections.abc import Sequence
from typing import Literal

from pydantic import JsonValue

from tenuto.core.records import Record
from tenuto.packs.monitors.listing import MonitorRow
from tenuto.packs.monitors.models import Draft, Monitor, Watch
from tenuto.packs.monitors.operations import Monitors

Action = Literal["create", "update", "unchanged", "delete", "not in the file"]


class Difference(Record):
    """One value of a monitor that the file has otherwise."""

    field: str
    before: JsonValue
    after: JsonValue


class Planned(Record):
    """What applying does with one monitor."""

    name: str
    id: str = ""
    """Empty for one that is not there yet."""
    action: Action
    differences: tuple[Difference, ...] = ()


async def plan_monitors(
    monitors: Monitors, drafts: Sequence[Draft], *, deletes: bool = False
) -> tuple[Planned, ...]:
    """What applying `drafts` would do to one's own monitors, in the order of the file.

    Those that are not among `drafts` follow; they are left alone unless it `deletes`.
    """
    there = {row.name: row for row in await monitors.all(owner=monitors.owner)}
    planned = [await _planned(monitors, draft, there.get(draft.name)) for draft in drafts]
    named = {draft.name for draft in drafts}
    gone: Action = "delete" if deletes else "not in the file"
    others = [row for row in there.values() if row.name not in named]
    return (*planned, *(Planned(name=row.name, id=row.id, action=gone) for row in others))


async def apply_plan(
    monitors: Monitors, drafts: Sequence[Draft], planned: Sequence[Planned]
) -> tuple[Planned, ...]:
    """Does what was planned, one monitor after the other; the same again changes nothing.

    A monitor that is paused stays paused. Raises as `Monitors` does; what came before is done.
    """
    by_name = {draft.name: draft for draft in drafts}
    done = []
    for each in planned:
        if each.action == "create":
            created = await monitors.create(by_name[each.name])
            done.append(each.model_copy(update={"id": created.monitor.id}))
            continue
        if each.action == "update":
            draft = by_name[each.name]
            changes = {one.field: getattr(draft, one.field) for one in each.differences}
            await monitors.update(each.id, changes)
        elif each.action == "delete":
            await monitors.delete(each.id)
        done.append(each)
    return tuple(done)


async def _planned(monitors: Monitors, draft: Draft, row: MonitorRow | None) -> Planned:
    if row is None:
        return Planned(name=draft.name, action="create")
    monitor = (await monitors.find(row.id)).monitor
    differences = _differences(monitor, draft)
    action: Action = "update" if differences else "unchanged"
    return Planned(name=draft.name, id=row.id, action=action, differences=differences)


def _differences(monitor: Monitor, draft: Draft) -> tuple[Difference, ...]:
    before, after = monitor.model_dump(mode="json"), draft.model_dump(mode="json")
    return tuple(
        Difference(field=name, before=before[name], after=after[name])
        for name in Watch.model_fields
        if before[name] != after[name]
    )
