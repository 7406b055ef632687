"""What an evaluation has used of its budget, and how it is stopped."""

import threading
from contextvars import ContextVar

from pydantic import JsonValue

from tenuto.definitions.expressions.limits import STACK, STEPS


class Stop(BaseException):
    """A budget is used up. Becomes a fault where the evaluation began."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(f"{found} {remedy}")


class Meter:
    """The budget of one expression, or of all expressions of one template."""

    __slots__ = ("frames", "left")

    def __init__(self) -> None:
        self.left = STEPS
        self.frames = 0

    def spend(self, steps: int) -> None:
        """Raises Stop when fewer than `steps` are left."""
        self.left -= steps
        if self.left < 0:
            raise Stop(
                f"It takes more than {STEPS:,} steps.",
                "Let it end sooner or look at less data, or do this work in an activity.",
            )

    def enter(self, frames: int) -> None:
        """A nested call begins. Raises Stop when they are nested too deeply."""
        self.frames += frames
        if self.frames > STACK:
            raise Stop(
                "Its functions call one another too deeply.",
                "Use `range`, `reduce`, `until`, `while` or `recurse`, which do not nest.",
            )


class Tally:
    """Steps that all evaluations of one run have taken."""

    def __init__(self) -> None:
        self.steps = 0


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


def count_in(tally: Tally) -> None:
    """From here on evaluations of this task, and of tasks that it starts, count in `tally`."""
    _tally.set(tally)


def count(steps: int) -> None:
    """Adds what a finished evaluation has taken."""
    tally = _tally.get()
    if tally is not None:
        tally.steps += steps


class _Running(threading.local):
    """The evaluation of each thread: workflows of one worker run in several."""

    meter: Meter


running = _Running()


def spend(steps: int) -> None:
    """Charges the running evaluation. Raises Stop when the budget is used up."""
    running.meter.spend(steps)


# `match` or `type`, not `isinstance`: the sandbox puts a slow one in its place.
def work(value: JsonValue) -> int:
    """Steps for looking once at each element or character of `value`, in Python."""
    match value:
        case str():
            return len(value) // 64
        case list():
            return len(value) // 16
        case dict():
            return len(value) // 8
        case _:
            return 0


def copying(value: JsonValue) -> int:
    """Steps for a copy of the uppermost level of `value`."""
    match value:
        case str():
            return len(value) // 1024
        case list():
            return len(value) // 256
        case dict():
            return len(value) // 32
        case _:
            return 0
