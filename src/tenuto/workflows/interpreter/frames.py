"""Where a run stands: a frame for each list of tasks under way, outermost first. All of it is data.

Nothing of the position is kept in Python's own call stack, so a run can be written down between
any two steps and taken up again from what was written.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

Block = Literal["do", "try", "catch"]
"""Which of its lists a task is in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """A task with tasks inside, as it began."""

    raw: JsonValue
    """Its raw input."""
    input: JsonValue
    """Its transformed input."""
    started_at: datetime
    deadline: datetime | None = None
    """When its timeout is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loop:
    """Where a `for` is."""

    items: list[JsonValue]
    """The collection, from the item at `first` on: a run that is written down leaves out those
    that are done."""
    position: int = 0
    """Of the current item in the collection, from 0."""
    first: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """Which attempt of a `try` this is."""

    number: int
    """From 1."""
    first_at: datetime
    """When the first attempt began."""
    not_before: datetime | None = None
    """When this one may begin."""
    deadline: datetime | None = None
    """When this one has taken too long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One list of tasks under way."""

    data: JsonValue
    """Raw input of the task at `index`; the list's result when none is left."""
    index: int = 0
    block: Block = "do"
    entered: Entered | None = None
    """The task that the list belongs to; None for the outermost list."""
    variables: dict[str, JsonValue] = field(default_factory=dict)
    """What this list binds: loop variables, the caught error."""
    loop: Loop | None = None
    attempt: Attempt | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a list of tasks ended that nothing encloses: a run's or a branch's."""

    data: JsonValue
    context: JsonValue
    is_end: bool = False
    """Whether a task said `then: end`, which ends the whole run."""


def compact(frame: Frame) -> Frame:
    """The same frame without the items of its loop that are done."""
    loop = frame.loop
    if loop is None:
        return frame
    left = loop.items[loop.position - loop.first :]
    return replace(frame, loop=replace(loop, items=left, first=loop.position))
