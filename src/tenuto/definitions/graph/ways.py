"""Where a list of tasks goes on after each of them."""

from collections.abc import Iterator
from typing import NamedTuple

from tenuto.definitions.plan import RaiseTask, SwitchTask, Task, TryTask

END = -1
"""Target of a way that ends the whole workflow."""


class Way(NamedTuple):
    """One way from a task of a list to another, or out of the list."""

    source: int
    target: int
    """Index in the list; its length is the way out; END ends the workflow."""
    case: int | None = None
    """Index of the switch case that takes it."""
    label: str = ""


def ways(tasks: tuple[Task, ...]) -> tuple[Way, ...]:
    """Every way between the tasks of one list, in order."""
    places = {task.name: index for index, task in enumerate(tasks)}
    return tuple(
        way for index, task in enumerate(tasks) for way in _from(task, index, len(tasks), places)
    )


def _from(task: Task, index: int, out: int, places: dict[str, int]) -> Iterator[Way]:
    def target(then: str) -> int:
        return {"continue": index + 1, "exit": out, "end": END}.get(then, places.get(then, out))

    if isinstance(task, SwitchTask):
        for number, case in enumerate(task.cases):
            yield Way(index, target(case.then), number, case.name)
        if all(case.when is not None for case in task.cases):
            yield Way(index, target(task.then), None, "no case")
        return
    if isinstance(task, RaiseTask):
        if task.if_ is not None:
            yield Way(index, index + 1, None, "skipped")
        return
    yield Way(index, target(task.then))
    if isinstance(task, TryTask) and task.catch.then not in (None, task.then):
        yield Way(index, target(str(task.catch.then)), None, "caught")
