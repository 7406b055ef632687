"""Whose move it is: tasks that match a filter and that whoever asks may read, the urgent first."""

from collections.abc import Awaitable, Callable, Sequence

from temporalio.client import Client

from tenuto.catalog.library.tasks.outcome import TaskView
from tenuto.core.records import Record
from tenuto.engine.runs.task_query import TaskFilter
from tenuto.identity.principal import Principal
from tenuto.triggers.tasks.found import FoundTask, concerns, find_tasks
from tenuto.triggers.tasks.reading import Told, read_tasks
from tenuto.triggers.tasks.standing import obstacle

MayRead = Callable[[Sequence[TaskView]], Awaitable[Sequence[bool]]]
"""Of each task, whether whoever asks may read it."""
PAGE = 50


class TaskRow(Record):
    """One task, and how whoever asks stands to it."""

    task: TaskView
    is_live: bool
    """Whether the task's worker told it; otherwise the state may be a second old."""
    obstacle: str | None
    """Why whoever asks cannot decide it now; None where nothing stands against it."""


class Inbox(Record):
    """A page of tasks."""

    rows: tuple[TaskRow, ...]
    is_cut: bool
    """Whether more match than are shown."""


async def read_inbox(
    client: Client, wanted: TaskFilter, who: Principal, may_read: MayRead, *, limit: int = PAGE
) -> Inbox:
    """The first `limit` tasks that match and may be read, by priority, due, and age.

    What may not be read is left out without a trace: neither a row nor a number tells of it.
    Raises UsageError as `find_tasks` does.
    """
    found = await find_tasks(client, wanted)
    rows: list[TaskRow] = []
    step = min(limit + 1, PAGE)
    for start in range(0, len(found), step):
        rows += await _readable(client, found[start : start + step], wanted, who, may_read)
        if len(rows) > limit:
            break
    return Inbox(rows=tuple(rows[:limit]), is_cut=len(rows) > limit)


async def _readable(
    client: Client,
    found: Sequence[FoundTask],
    wanted: TaskFilter,
    who: Principal,
    may_read: MayRead,
) -> list[TaskRow]:
    told = [each for each in await read_tasks(client, found) if _still_fits(each, wanted)]
    allowed = await may_read([each.task for each in told])
    return [row_of(each, who) for each, may in zip(told, allowed, strict=True) if may]


def row_of(told: Told, who: Principal) -> TaskRow:
    """A task as `who` sees it."""
    return TaskRow(task=told.task, is_live=told.is_live, obstacle=obstacle(told.task, who))


def _still_fits(told: Told, wanted: TaskFilter) -> bool:
    """The task itself is asked after visibility was, so that what was decided a moment ago is not
    shown as open."""
    task = told.task
    if wanted.kind is not None and task.request.kind != wanted.kind:
        return False
    if wanted.words and not concerns(task, wanted.words):
        return False
    return task.state in wanted.states
