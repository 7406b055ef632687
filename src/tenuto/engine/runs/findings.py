"""What a diagnosis can find, in words: one sentence, one remedy, the facts behind them."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from tenuto.core.records import Record


class FindingKind(StrEnum):
    """Why a run stands where it stands."""

    NO_POLLER = "no-poller"
    """Nobody takes work from a queue it needs."""
    RETRYING = "retrying"
    """An attempt failed and the next one is due later."""
    TIMED_OUT = "timed-out"
    """Something took longer than it may."""
    CODE_ERROR = "code-error"
    """The workflow code itself cannot go on."""
    WAITING_FOR_MESSAGE = "waiting-for-message"
    """A person or a program has to tell it something."""
    WAITING_FOR_TIMER = "waiting-for-timer"
    WAITING_FOR_CHILD = "waiting-for-child"
    PAUSED = "paused"
    QUEUED = "queued"
    """A worker is there and has not taken it yet."""
    RUNNING = "running"
    """Work is being done."""
    FAILED = "failed"
    CANCELED = "canceled"
    TERMINATED = "terminated"
    FINISHED = "finished"


class Finding(Record):
    """One reason, with what to do about it."""

    kind: FindingKind
    sentence: str
    remedy: str
    """Empty when there is nothing to do."""
    workflow_id: str
    """The run it is about: the diagnosed one, or a child it waits for."""
    step: str | None = None
    """Name of the step it is about."""
    queue: str | None = None
    code: str | None = None
    """Stable code of the error behind it."""
    timeout: str | None = None
    """Kind of the timeout behind it."""
    since: AwareDatetime | None = None
    next_at: AwareDatetime | None = None
    """When something will happen by itself."""


def at(moment: datetime) -> str:
    """A moment in a sentence, for example `2026-03-31 18:30:05 UTC`."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def lasting(period: timedelta) -> str:
    """A duration in a sentence, for example `1.5 s` or `2 h 5 min`."""
    seconds = period.total_seconds()
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, hours = int(seconds // 60) % 60, int(seconds // 3600)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{int(seconds % 60)} s"] if not hours and seconds % 60 >= 1 else []
    return " ".join(parts)


def attempt(number: int, most: int | None) -> str:
    """`attempt 2 of 5`, or `attempt 2` where there is no limit."""
    return f"attempt {number} of {most}" if most else f"attempt {number}"
