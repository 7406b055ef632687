"""Which types of event a plan waits for, so that its runs are found when one comes."""

from collections.abc import Iterator

from tenuto.definitions.expressions import is_expression
from tenuto.definitions.plan import (
    DoTask,
    ForkTask,
    ForTask,
    ListenTask,
    Task,
    TryTask,
)


def awaited_types(tasks: tuple[Task, ...]) -> tuple[str, ...]:
    """The types that its listeners name literally, sorted."""
    return tuple(sorted(set(_types(tasks))))


def inner_tasks(task: Task) -> Iterator[tuple[Task, ...]]:
    """The lists of tasks directly inside `task`."""
    match task:
        case DoTask() | ForTask():
            yield task.do
        case ForkTask():
            yield task.branches
        case TryTask():
            yield task.tasks
            yield task.catch.do


def _types(tasks: tuple[Task, ...]) -> Iterator[str]:
    for task in tasks:
        if isinstance(task, ListenTask):
            for wanted in task.filters:
                kind = wanted.with_.get("type")
                if isinstance(kind, str) and not is_expression(kind):
                    yield kind
        for inside in inner_tasks(task):
            yield from _types(inside)
