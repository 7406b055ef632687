"""How control goes from task to task within one list."""

from typing import Generic, TypeVar

from pydantic import JsonValue

from tenuto.definitions.check.parts import children, mapping
from tenuto.definitions.tasks import TaskAt, walk_list

T = TypeVar("T")


class Ways(Generic[T]):
    """What arrives at each task of a list, and what leaves the list."""

    def __init__(self, names: list[str], start: T) -> None:
        self.out: list[T] = []
        """After the list."""
        self.ends: list[T] = []
        """After the whole run, by `end`."""
        self._names = names
        self._into: dict[int, list[T]] = {0: [start]}

    def into(self, position: int) -> list[T]:
        """What arrives at a task; empty where it cannot be reached."""
        return self._into.get(position, [])

    def go(self, position: int, then: str, what: T) -> None:
        """Lets `what` go on from the task at `position`, as `then` says."""
        if then == "end":
            self.ends.append(what)
        elif then == "continue" and position + 1 < len(self._names):
            self._into.setdefault(position + 1, []).append(what)
        elif then in self._names and then not in ("continue", "exit"):
            self._into.setdefault(self._names.index(then), []).append(what)
        else:
            self.out.append(what)


def own_tasks(tasks: JsonValue, pointer: str) -> list[TaskAt]:
    """The tasks of the list itself, without those inside them."""
    return [
        task
        for task in walk_list(tasks, pointer, frozenset())
        if task.pointer.count("/") == pointer.count("/") + 2
    ]


def targets(task: TaskAt) -> set[str]:
    """Where a task that is performed may lead: `continue`, `exit`, `end`, or names."""
    then = task.body.get("then")
    after = then if isinstance(then, str) else "continue"
    match task.kind:
        case "raise":
            return set()
        case "switch":
            cases = [
                case for _, item in children(task.body["switch"]) for _, case in children(item)
            ]
            has_default = any(isinstance(case, dict) and "when" not in case for case in cases)
            named = {each for case in cases if isinstance(each := mapping(case).get("then"), str)}
            return named if has_default else {*named, after}
        case "try":
            caught = mapping(task.body, "catch").get("then")
            return {after, caught} if isinstance(caught, str) else {after}
        case _:
            return {after}


def returned_to(own: list[TaskAt]) -> set[str]:
    """Names of the tasks that some task of the list, itself or a later one, leads back to."""
    names = [task.name for task in own]
    return {
        target
        for position, task in enumerate(own)
        for target in targets(task)
        if target in names and names.index(target) <= position
    }
