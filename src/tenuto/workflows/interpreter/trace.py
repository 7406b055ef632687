"""What became of the tasks of a run, in order."""

from collections import deque
from collections.abc import Iterable
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
        self._entries = deque(entries, maxlen=MOST_ENTRIES)

    def add(self, task: TaskBase, status: Status) -> None:
        """Notes that `task` got to `status`."""
        self._entries.append(TraceEntry(name=task.name, at=task.at, status=status))

    def entries(self) -> tuple[TraceEntry, ...]:
        """The latest entries, oldest first."""
        return tuple(self._entries)
