"""What became of the tasks of a run, in order."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal

from tenuto.core.records import Record
from tenuto.definitions.plan import Pointer, TaskBase

MOST_ENTRIES = 1000
"""Older entries are forgotten: a run that loops for a year has a trace of bounded size."""

Status = Literal["started", "completed", "skipped", "faulted", "retried", "cancelled"]


class TraceEntry(Record):
    """Something that happened to a task."""

    name: str
    at: Pointer
    status: Status


class Trace:
    """The latest entries of one run."""

    def __init__(self, entries: Iterable[TraceEntry] = ()) -> None:
        # Plain, because a run adds to it at every step and is hardly ever asked.
        self._entries = deque(
            ((each.name, each.at, each.status) for each in entries), maxlen=MOST_ENTRIES
        )
        self.watch: Callable[[TaskBase, str, str], None] = _nobody
        """Called at once with the task, what became of it, and details that no entry has."""

    def add(self, task: TaskBase, status: Status) -> None:
        """Notes that `task` got to `status`.

        A part of a task tells only that it is tried again: all else the task tells itself.
        """
        if task.is_woven and status != "retried":
            return
        self._entries.append((task.name, task.at, status))
        self.watch(task, status, "")

    def turn(self, task: TaskBase, details: str) -> None:
        """Tells whoever watches which way `task` took. Nothing of it is kept."""
        if not task.is_woven:
            self.watch(task, "turned", details)

    def entries(self) -> tuple[TraceEntry, ...]:
        """The latest entries, oldest first."""
        return tuple(TraceEntry(name=n, at=at, status=status) for n, at, status in self._entries)


def _nobody(task: TaskBase, status: str, details: str) -> None:
    """Nobody watches."""
