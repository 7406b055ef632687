"""Schedules of ours that nothing stands behind any more."""

from collections.abc import Iterable

from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.triggers.schedules.listing import ScheduleSummary, list_schedules
from tenuto.triggers.schedules.mark import Owner


class Orphan(Record):
    """A schedule that should not be there."""

    schedule_id: str
    owner: Owner
    starts: str
    why: str


class Standing(Record):
    """What there is for schedules to stand on."""

    owner: str
    """This project's name as an owner."""
    written: frozenset[str]
    """Ids in the files of this project."""
    workflows: frozenset[str]
    """Catalog names and workflow types."""
    definitions: frozenset[str]
    """`namespace/name` of every deployed definition."""


async def find_orphans(client: Client, standing: Standing) -> list[Orphan]:
    """The orphans among the schedules of this project and of its definitions, by id. Schedules of
    other projects, and those that Tenuto did not make, are never among them."""
    return orphans_among(await list_schedules(client), standing)


def orphans_among(rows: Iterable[ScheduleSummary], standing: Standing) -> list[Orphan]:
    """The orphans among these schedules."""
    return [orphan for row in rows if (orphan := _orphan(row, standing)) is not None]


def _orphan(row: ScheduleSummary, standing: Standing) -> Orphan | None:
    why = _why(row, standing)
    if not why:
        return None
    return Orphan(schedule_id=row.schedule_id, owner=row.owner, starts=row.starts, why=why)


def _why(row: ScheduleSummary, standing: Standing) -> str:
    owner = row.owner
    if owner.kind == "definition":
        is_there = owner.name in standing.definitions
        return "" if is_there else f"the definition `{owner.name}` is not deployed any more"
    if owner.kind != "file" or owner.name != standing.owner:
        return ""
    if row.schedule_id not in standing.written:
        return "no file mentions it"
    if "/" in row.starts and row.starts not in standing.definitions:
        return f"the definition `{row.starts}` is not deployed any more"
    if "/" not in row.starts and row.starts not in standing.workflows:
        return f"there is no workflow `{row.starts}` any more"
    return ""
