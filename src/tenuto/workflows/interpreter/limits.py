"""Timeouts of tasks that have others inside: the nearest one cuts whatever waits within."""

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tenuto.workflows.interpreter.frames import Frame
from tenuto.workflows.interpreter.host import Host

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """A moment at which something has taken too long."""

    at: datetime
    level: int
    """Index of the frame whose task has the limit; the number of frames for the task that runs
    in the innermost one."""
    is_attempt: bool = False
    """Of one attempt of a `try`, rather than of the task."""


class Late(Exception):  # noqa: N818 (what it is)
    """A limit is over; on its way to the frame that has it. Never leaves the strand."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(f"limit of frame {limit.level}")
        self.limit = limit


async def within_limits(
    work: Coroutine[Any, Any, ResultT], frames: Sequence[Frame], own: Limit | None, host: Host
) -> ResultT:
    """What `work` returns. Raises Late when a limit, the task's own or one of `frames`, is over
    before; `work` is cancelled and has cleaned up by then."""
    limit = _nearest(frames)
    if own is not None and (limit is None or own.at < limit.at):
        limit = own
    if limit is None:
        return await work
    left = max(limit.at - host.now(), timedelta(0))
    try:
        return await host.within(work, left, summary="timeout")
    except TimeoutError as over:
        raise Late(limit) from over


def refuse_late(frames: Sequence[Frame], host: Host) -> None:
    """Raises Late when a limit is over."""
    limit = _nearest(frames)
    if limit is not None and limit.at <= host.now():
        raise Late(limit)


def _nearest(frames: Sequence[Frame]) -> Limit | None:
    """The limit that is over first, the outermost of several; None without any."""
    found: Limit | None = None
    for limit in _limits(frames):
        if found is None or limit.at < found.at:
            found = limit
    return found


def _limits(frames: Sequence[Frame]) -> list[Limit]:
    limits = []
    for level, frame in enumerate(frames):
        if frame.entered is not None and frame.entered.deadline is not None:
            limits.append(Limit(at=frame.entered.deadline, level=level))
        if frame.attempt is not None and frame.attempt.deadline is not None:
            limits.append(Limit(at=frame.attempt.deadline, level=level, is_attempt=True))
    return limits
