"""What a run is doing and waiting for at this moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tenuto.core.records import Record
from tenuto.definitions.plan import Pointer, Task
from tenuto.workflows.interpreter.host import Host
from tenuto.workflows.interpreter.own_votes.approvals import Approvals
from tenuto.workflows.interpreter.questions import Questions

_DOING = (
    (("listen",), "waits for events"),
    (("call", "child", "emit", "run", "wait"), "is under way"),
)


class PendingTask(Record):
    """A task that has begun and takes time."""

    name: str
    at: Pointer
    kind: str
    since: datetime


class Pending:
    """The tasks under way, across all branches; the engine shows their names, and of approvals
    who decides and how."""

    def __init__(self, host: Host, questions: Questions, approvals: Approvals) -> None:
        self._host = host
        self._waiting = (questions, approvals)
        questions.on_change = approvals.on_change = self._show
        self._tasks: dict[int, tuple[Task, datetime]] = {}
        """Number of a task under way -> it, and since when."""
        self._count = 0

    def tasks(self) -> tuple[PendingTask, ...]:
        """The tasks under way, the one that began first at the front."""
        return tuple(
            PendingTask(name=task.name, at=task.at, kind=task.kind, since=since)
            for task, since in self._tasks.values()
        )

    @contextmanager
    def during(self, task: Task) -> Iterator[None]:
        """Counts `task` as under way within the block."""
        self._count += 1
        number = self._count
        self._tasks[number] = (task, self._host.now())
        self._show()
        try:
            yield
        finally:
            del self._tasks[number]
            self._show()

    def _show(self) -> None:
        parts = [each.details() for each in self._waiting]
        for kinds, what in _DOING:
            names = [f"`{task.name}`" for task, _ in self._tasks.values() if task.kind in kinds]
            if names:
                parts.append(f"{', '.join(names)} {what}")
        self._host.show(". ".join(filter(None, parts)))
