"""One step of a run: an activity, a child run, a timer, a message."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime

from tenuto.core.records import Record
from tenuto.engine.runs.failures import Failure
from tenuto.engine.runs.payloads import Shown


class StepKind(StrEnum):
    """What kind of thing a run did or was told."""

    ACTIVITY = "activity"
    LOCAL_ACTIVITY = "local-activity"
    CHILD_WORKFLOW = "child-workflow"
    TIMER = "timer"
    SIGNAL = "signal"
    UPDATE = "update"


class StepStatus(StrEnum):
    """Where a step stands."""

    SCHEDULED = "scheduled"
    """Waits for a worker."""
    RUNNING = "running"
    RETRYING = "retrying"
    """An attempt failed; the next one is due later."""
    CANCELING = "canceling"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    CANCELED = "canceled"
    STOPPED = "stopped"
    """Of a timer: what it would have ended came first. Nothing went wrong."""
    TERMINATED = "terminated"

    @property
    def is_open(self) -> bool:
        """Whether something can still happen to the step."""
        return self in _OPEN


_OPEN = (
    StepStatus.SCHEDULED,
    StepStatus.RUNNING,
    StepStatus.RETRYING,
    StepStatus.CANCELING,
    StepStatus.PAUSED,
)


class Attempt(Record):
    """One attempt of a step, as far as the server remembers it."""

    number: int
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    worker: str | None = None
    failure: Failure | None = None


class Progress(Record):
    """How far a running step says it is."""

    percent: float | None = None
    """0 to 100."""
    done: float | None = None
    total: float | None = None
    rows: int | None = None
    message: str | None = None
    reported_at: AwareDatetime | None = None


class Timeouts(Record):
    """The limits a step was scheduled with; None means no limit."""

    start_to_close: timedelta | None = None
    schedule_to_start: timedelta | None = None
    schedule_to_close: timedelta | None = None
    heartbeat: timedelta | None = None

    def named(self, name: str | None) -> timedelta | None:
        """The limit of a timeout kind, for example `start-to-close`."""
        limit: timedelta | None = getattr(self, (name or "").replace("-", "_"), None)
        return limit


class Step(Record):
    """One step, from its scheduling to its end."""

    event_id: int
    """The history event that scheduled it."""
    kind: StepKind
    name: str
    """Activity or workflow type, signal or update name; of a timer its summary or id."""
    id: str
    """Activity id, timer id, child workflow id, or update id."""
    status: StepStatus
    summary: str | None = None
    queue: str | None = None
    worker: str | None = None
    """Identity of the worker, or of the client that sent a message."""
    attempt: int = 1
    """The latest attempt, from 1."""
    max_attempts: int | None = None
    """None means without limit, or that the kind has no attempts."""
    attempts: tuple[Attempt, ...] = ()
    """The attempts the server remembers: the last, the one before it."""
    scheduled_at: AwareDatetime
    started_at: AwareDatetime | None = None
    """Start of the latest attempt."""
    finished_at: AwareDatetime | None = None
    duration: timedelta | None = None
    """From scheduling to the end; None while it is open."""
    due_at: AwareDatetime | None = None
    """When a timer fires, or the next attempt starts."""
    timeouts: Timeouts = Timeouts()
    failure: Failure | None = None
    """Why it failed, or why its latest attempt did."""
    retry_state: str | None = None
    """Why there was no further attempt, for example `maximum-attempts-reached`."""
    progress: Progress | None = None
    child_run_id: str | None = None
    reset_event_id: int | None = None
    """The workflow task to reset to so that this step runs again."""
    input: Shown | None = None
    output: Shown | None = None


_PROGRESS_KEYS = frozenset({"percent", "done", "total", "rows", "message"})


def progress_of(details: Any, reported_at: AwareDatetime | None) -> Progress | None:
    """The progress in the first heartbeat detail, or None when it tells none."""
    if not isinstance(details, dict) or not _PROGRESS_KEYS & details.keys():
        return None
    done, total = _number(details.get("done")), _number(details.get("total"))
    percent = _number(details.get("percent"))
    if percent is None and done is not None and total:
        percent = round(100 * done / total, 1)
    rows, message = _number(details.get("rows")), details.get("message")
    return Progress(
        percent=percent,
        done=done,
        total=total,
        rows=None if rows is None else int(rows),
        message=None if message is None else str(message),
        reported_at=reported_at,
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
