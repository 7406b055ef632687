"""Which task somebody means by an id, or by the beginning or end of one."""

import asyncio

from temporalio.client import Client

from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.engine.runs.listing import list_runs
from tenuto.engine.runs.query import RunFilter
from tenuto.engine.runs.task_query import TaskFilter
from tenuto.triggers.tasks.found import find_tasks
from tenuto.triggers.tasks.inbox import MayRead
from tenuto.triggers.tasks.reading import describe_task, no_such_task, read_task

SHORTEST = 4
"""Letters of an id that may stand for the whole."""
_MOST_SHOWN = 5
_RECENT = 200


class TaskNames:
    """Short names of tasks, for whoever may read them. What visibility lists is asked for once, so
    that a hundred short names are no hundred lists."""

    def __init__(self, client: Client, may_read: MayRead) -> None:
        self._client = client
        self._may_read = may_read
        self._asking = asyncio.Lock()
        self._listed: tuple[list[str], list[str]] | None = None

    async def resolve(self, text: str) -> str:
        """The id of the task that `text` names: the whole id, or the beginning or end of the id of
        an open task or of one of the 200 latest, among those that may be read.

        Raises NotFoundError `task.not-found`, UsageError `task.ambiguous` with what it could mean,
        and `task.not-a-task` for the id of another run.
        """
        if not text:
            raise no_such_task(text)
        try:
            return (await describe_task(self._client, text)).task_id
        except NotFoundError:
            if len(text) < SHORTEST:
                raise
        except UsageError as other_run:
            raise await self._with_tasks_of(text, other_run) from other_run
        matching = (await self._matching(text))[: 10 * _MOST_SHOWN]
        readable = [name for name in matching if await self._reads(name)]
        if not readable:
            raise no_such_task(text)
        if len(readable) > 1:
            raise _ambiguous(text, readable)
        return readable[0]

    async def _matching(self, text: str) -> list[str]:
        async with self._asking:
            if self._listed is None:
                self._listed = await _listed(self._client)
        open_tasks, latest = self._listed
        fitting = [name for name in open_tasks if _fits(name, text)]
        return fitting or [name for name in latest if _fits(name, text)]

    async def _with_tasks_of(self, run: str, error: UsageError) -> UsageError:
        """The error about a run that is no task, with the tasks that the run waits for."""
        asked = await find_tasks(self._client, TaskFilter.model_validate({"root": run}))
        named = [each.task_id for each in asked[:_MOST_SHOWN] if await self._reads(each.task_id)]
        if not named:
            return error
        listed = ", ".join(f"`{name}`" for name in named)
        return UsageError(
            f"`{run}` is no task but a run, which waits for {listed}.",
            code="task.not-a-task",
            details={"matches": named},
        )

    async def _reads(self, name: str) -> bool:
        told = await read_task(self._client, name)
        return (await self._may_read([told.task]))[0]


async def _listed(client: Client) -> tuple[list[str], list[str]]:
    """Ids of the open tasks, and of the latest of all."""
    open_tasks = [task.task_id for task in await find_tasks(client, TaskFilter())]
    wanted = RunFilter(type_name=human_task.type_name)
    latest = await list_runs(client, wanted, page_size=_RECENT)
    return open_tasks, list(dict.fromkeys(run.workflow_id for run in latest.runs))


def _fits(name: str, text: str) -> bool:
    return name.startswith((text, f"task/{text}")) or name.endswith(text)


def _ambiguous(text: str, names: list[str]) -> UsageError:
    more = f", and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_SHOWN])
    return UsageError(
        f"`{text}` can mean {shown}{more}; give more of the id.",
        code="task.ambiguous",
        details={"matches": names},
    )
