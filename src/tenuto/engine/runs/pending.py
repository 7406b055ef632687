"""What the server knows about an unfinished activity and the history does not yet tell."""

from datetime import datetime

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.converter import DataConverter

from tenuto.engine.runs.failures import Failure, read_failure
from tenuto.engine.runs.moments import moment, now
from tenuto.engine.runs.payloads import PayloadReader
from tenuto.engine.runs.steps import Attempt, Progress, Step, StepStatus, progress_of

_STATUSES = {
    PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED: StepStatus.SCHEDULED,
    PendingActivityState.PENDING_ACTIVITY_STATE_STARTED: StepStatus.RUNNING,
    PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: StepStatus.CANCELING,
    PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED: StepStatus.PAUSED,
    PendingActivityState.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED: StepStatus.PAUSED,
}


async def with_pending(step: Step, info: PendingActivityInfo, converter: DataConverter) -> Step:
    """The step, with attempt, last failure, worker, and progress as of now."""
    failure = await read_failure(info.last_failure, converter) if info.attempt > 1 else None
    due = _due(info)
    status = _status(info, due)
    return step.model_copy(
        update={
            "status": status,
            "attempt": info.attempt,
            "max_attempts": info.maximum_attempts or None,
            "attempts": _attempts(info, status, failure),
            "worker": info.last_worker_identity or None,
            "started_at": moment(info.last_started_time),
            "due_at": due,
            "failure": failure,
            "progress": await _progress(info, converter),
        }
    )


def _due(info: PendingActivityInfo) -> datetime | None:
    """When the next attempt may start: announced while it lies ahead, recorded once it has come."""
    if info.state != PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED or info.attempt == 1:
        return None
    return moment(info.next_attempt_schedule_time) or moment(info.scheduled_time)


def _status(info: PendingActivityInfo, due: datetime | None) -> StepStatus:
    if info.paused:
        return StepStatus.PAUSED
    status = _STATUSES[info.state]
    if status is StepStatus.SCHEDULED and due and due > now():
        return StepStatus.RETRYING
    return status


def _attempts(
    info: PendingActivityInfo, status: StepStatus, failure: Failure | None
) -> tuple[Attempt, ...]:
    started, worker = moment(info.last_started_time), info.last_worker_identity or None
    is_running = status in (StepStatus.RUNNING, StepStatus.CANCELING)
    attempts: list[Attempt] = []
    if info.attempt > 1:
        attempts.append(
            Attempt(
                number=info.attempt - 1,
                started_at=None if is_running else started,
                finished_at=moment(info.last_attempt_complete_time),
                worker=None if is_running else worker,
                failure=failure,
            )
        )
    if is_running:
        attempts.append(Attempt(number=info.attempt, started_at=started, worker=worker))
    return tuple(attempts)


async def _progress(info: PendingActivityInfo, converter: DataConverter) -> Progress | None:
    shown = await PayloadReader(converter).show(info.heartbeat_details)
    if shown is None or not shown.values:
        return None
    return progress_of(shown.values[0], moment(info.last_heartbeat_time))
