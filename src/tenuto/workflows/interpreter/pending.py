"""What a run is doing and waiting for at this moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tenuto.core.records import Record
from tenuto.definitions.plan import Pointer, TaskBase
from tenuto.workflows.interpreter.approvals import Approvals
from tenuto.workflows.interpreter.host import Host


class PendingTask(Record):
    """A task that has begun and takes time."""

    name: str
    at: Pointer
    kind: str
    since: datetime


class Pending:
    """The tasks under way, across all branches; the engine shows their names, and of approvals
    who decides and how."""

    def __init__(self, host: Host, approvals: Approvals) -> None:
        self._host = host
        self._approvals = approvals
        approvals.on_change = self._show
        self._tasks: dict[int, PendingTask] = {}
        self._count = 0

    def tasks(self) -> tuple[PendingTask, ...]:
        """The tasks under way, the one that began first at the front."""
        return tuple(self._tasks.values())

    @contextmanager
    def during(self, task: TaskBase) -> Iterator[None]:
        """Counts `task` as under way within the block."""
        self._count += 1
        number = self._count
        kind = str(getattr(task, "kind", ""))
        self._tasks[number] = PendingTask(
            name=task.name, at=task.at, kind=kind, since=self._host.now()
        )
        self._show()
        try:
            yield
        finally:
            del self._tasks[number]
            self._show()

    def _show(self) -> None:
        listening = self._names("listen")
        running = self._names("call", "child", "emit", "run", "wait")
        parts = [
            self._approvals.details(),
            f"{listening} waits for events" if listening else "",
            f"{running} is under way" if running else "",
        ]
        self._host.show(". ".join(filter(None, parts)))

    def _names(self, *kinds: str) -> str:
        return ", ".join(f"`{each.name}`" for each in self._tasks.values() if each.kind in kinds)
