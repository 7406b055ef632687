"""The same done to many tasks: one message and one result for each, a few at a time.

Every task gets a message of its own, which its validator judges: the engine's own batch operations
send signals, which nobody judges.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from pydantic import JsonValue

from tenuto.catalog.library.tasks.outcome import Standing
from tenuto.core.errors import TenutoError
from tenuto.core.records import Record

AT_ONCE = 10
"""Messages on their way at the same time."""


class TaskError(Record):
    """Why one task did not take it."""

    code: str
    message: str
    details: dict[str, JsonValue]


class Result(Record):
    """What became of one task."""

    task_id: str
    """As it was named, where no task could be found by it."""
    standing: Standing | None = None
    """How it stands now; None where it did not take it."""
    error: TaskError | None = None


async def to_each(
    names: Sequence[str],
    resolve: Callable[[str], Awaitable[str]],
    act: Callable[[str], Awaitable[Standing]],
    done: Callable[[Result], None] = lambda _: None,
) -> list[Result]:
    """What `act` gives for each task, in their order; one named twice is acted on once.

    `resolve` gives a name's id. An error of one stops none of the others. `done` is told each
    result as it comes.
    """
    room = asyncio.Semaphore(AT_ONCE)
    results: dict[str, Result] = {}

    async def found(name: str) -> str | None:
        async with room:
            try:
                return await resolve(name)
            except TenutoError as error:
                results[name] = Result(task_id=name, error=_told(error))
                done(results[name])
                return None

    async def one(task_id: str) -> None:
        async with room:
            try:
                results[task_id] = Result(task_id=task_id, standing=await act(task_id))
            except TenutoError as error:
                results[task_id] = Result(task_id=task_id, error=_told(error))
            done(results[task_id])

    named = list(dict.fromkeys(names))
    ids = dict(zip(named, await asyncio.gather(*map(found, named)), strict=True))
    await asyncio.gather(*(one(each) for each in dict.fromkeys(filter(None, ids.values()))))
    return [results[each] for each in dict.fromkeys(ids[name] or name for name in named)]


def _told(error: TenutoError) -> TaskError:
    return TaskError(code=error.code, message=error.message, details=error.details)
