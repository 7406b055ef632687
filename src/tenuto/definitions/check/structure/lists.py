"""The lists of tasks of a definition, wherever they stand."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from tenuto.definitions.check.parts import every, mapping, part
from tenuto.definitions.tasks import inner_lists, walk_tasks


class TaskList(NamedTuple):
    """One list of tasks."""

    pointer: str
    items: list[JsonValue]
    is_ordered: bool
    """Whether one task follows another; the branches of a fork have no order."""

    def tasks(self) -> Iterator[tuple[int, str, dict[str, JsonValue]]]:
        """Index, name, and body of every item that is a task."""
        for index, item in enumerate(self.items):
            if isinstance(item, dict) and len(item) == 1:
                name, body = next(iter(item.items()))
                if isinstance(body, dict):
                    yield index, name, body


def task_lists(definition: JsonValue) -> Iterator[TaskList]:
    """Every list of tasks: of the document, of extensions, and inside tasks."""
    yield from _list("/do", part(definition, "do"))
    for moment in ("before", "after"):
        path = ("use", "extensions", "*", "*", moment)
        for pointer, tasks in every(definition, path):
            yield from _list(pointer, tasks)
    for task in walk_tasks(definition):
        for pointer, tasks, _ in inner_lists(task):
            yield from _list(pointer, tasks, is_ordered=task.kind != "fork")


def function_bodies(definition: JsonValue) -> dict[str, JsonValue]:
    """Name -> task of `use.functions`."""
    return mapping(definition, "use", "functions")


def _list(pointer: str, tasks: JsonValue, *, is_ordered: bool = True) -> Iterator[TaskList]:
    if isinstance(tasks, list):
        yield TaskList(pointer, tasks, is_ordered)
