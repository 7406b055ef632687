"""A plan as short as it can be written: it stands in the history of every run.

Options of calls are few and repeat, so each is written once and named by its number. A task's name
is the end of its pointer, and its function is its activity, unless they differ.
"""

from collections.abc import Iterator
from typing import Any

_INNER = ("do", "branches", "tasks")
"""Members of a task that hold tasks."""


def compact(plan: dict[str, Any]) -> dict[str, Any]:
    """`plan`, as it is to be written; the tasks in it are changed."""
    options: list[Any] = []
    for task in _tasks_in(plan["do"]):
        if task["name"] == _end_of(task["at"]):
            del task["name"]
        if task.get("function", "") == task.get("activity"):
            del task["function"]
        if "options" in task:
            if task["options"] not in options:
                options.append(task["options"])
            task["options"] = options.index(task["options"])
    return {**plan, "options": options} if options else plan


def whole(plan: dict[str, Any]) -> dict[str, Any]:
    """What `compact` made of a plan, as it was before; any other plan comes back as it is."""
    options = plan.get("options", ())
    rest = {name: value for name, value in plan.items() if name != "options"}
    return {**rest, "do": [_whole_task(task, options) for task in plan["do"]]}


def _whole_task(task: Any, options: Any) -> Any:
    if not isinstance(task, dict):
        return task
    full = {"name": _end_of(task["at"]), **task}
    if "activity" in full and full["kind"] == "call":
        full.setdefault("function", full["activity"])
    if isinstance(full.get("options"), int):
        full["options"] = options[full["options"]]
    for name in _INNER:
        if isinstance(full.get(name), list):
            full[name] = [_whole_task(each, options) for each in full[name]]
    if full["kind"] == "try" and full["catch"].get("do"):
        inner = [_whole_task(each, options) for each in full["catch"]["do"]]
        full["catch"] = {**full["catch"], "do": inner}
    return full


def _tasks_in(tasks: Any) -> Iterator[dict[str, Any]]:
    for task in tasks:
        yield task
        for name in _INNER:
            if isinstance(task.get(name), list):
                yield from _tasks_in(task[name])
        if task["kind"] == "try":
            yield from _tasks_in(task["catch"].get("do", ()))


def _end_of(pointer: str) -> str:
    end: str = pointer.rpartition("/")[2]
    return end.replace("~1", "/").replace("~0", "~")
