"""The frames of one strand together with the lists of tasks that they run."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pydantic import JsonValue

from tenuto.core.problem import Fault, problem
from tenuto.definitions.plan import DoTask, ForTask, Task, TryTask
from tenuto.workflows.interpreter.frames import Block, Frame

Structure = DoTask | ForTask | TryTask
"""Tasks that run others in a frame of their own. A `fork` runs strands."""


class Stack:
    """Frames, outermost first; never empty.

    Frames say only how far each list is. Which list it is follows from the plan: the one inside
    the task at which the frame below stands.
    """

    def __init__(self, tasks: Sequence[Task], frames: Sequence[Frame]) -> None:
        self._frames = list(frames)
        self._lists: list[Sequence[Task]] = [tasks]
        for outer, inner in pairwise(frames):
            self._lists.append(_inside(self._lists[-1][outer.index], inner.block))

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """All of them, outermost first."""
        return tuple(self._frames)

    @property
    def top(self) -> Frame:
        """The innermost frame."""
        return self._frames[-1]

    @property
    def is_done(self) -> bool:
        """Whether the innermost list has no task left."""
        return self.top.index >= len(self._lists[-1])

    @property
    def task(self) -> Task:
        """The task at which the innermost list stands."""
        return self._lists[-1][self.top.index]

    @property
    def owner(self) -> Structure | None:
        """The task that the innermost list belongs to; None for the outermost list."""
        return self.owner_at(len(self._frames) - 1)

    def owner_at(self, level: int) -> Structure | None:
        """The task that the list of the frame at `level` belongs to."""
        if level == 0:
            return None
        owner = self._lists[level - 1][self._frames[level - 1].index]
        assert isinstance(owner, Structure)  # noqa: S101 (only these open frames)
        return owner

    def variables(self) -> dict[str, JsonValue]:
        """What all lists bind; an inner list's variable hides an outer one's."""
        bound: dict[str, JsonValue] = {}
        for frame in self._frames:
            bound.update(frame.variables)
        return bound

    def push(self, frame: Frame) -> None:
        """Opens a list inside the current task."""
        self._lists.append(_inside(self.task, frame.block))
        self._frames.append(frame)

    def pop(self) -> Frame:
        """Closes the innermost list."""
        self._lists.pop()
        return self._frames.pop()

    def put(self, frame: Frame) -> None:
        """Replaces the innermost frame by another of the same task."""
        self.pop()
        self.push(frame)

    def target(self, then: str) -> int:
        """Where `then` leads in the innermost list: its length where it leaves the list.

        Raises Fault `configuration` 400 for a name that the list does not have.
        """
        tasks = self._lists[-1]
        if then == "continue":
            return self.top.index + 1
        if then == "exit":
            return len(tasks)
        for index, task in enumerate(tasks):
            if task.name == then:
                return index
        raise Fault(
            problem("configuration", f"`then: {then}` names no task of the list that it is in.")
        )

    def go(self, index: int, data: JsonValue) -> None:
        """Moves the innermost list to `index` with `data`."""
        self._frames[-1] = replace(self.top, index=index, data=data)


def _inside(task: Task, block: Block) -> Sequence[Task]:
    match task, block:
        case ((DoTask() | ForTask()), "do"):
            return task.do
        case TryTask(), "try":
            return task.tasks
        case TryTask(), "catch":
            return task.catch.do
    raise AssertionError(f"`{task.name}` has no list `{block}`")
