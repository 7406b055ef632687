"""A history, event by event, folded into steps: memory grows with steps, not with bytes."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import RetryState, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure as RawFailure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from tenuto.core.records import Record
from tenuto.engine.runs.failures import Failure, read_failure
from tenuto.engine.runs.moments import period
from tenuto.engine.runs.payloads import PayloadReader, Shown
from tenuto.engine.runs.steps import Attempt, Step, StepKind, StepStatus, Timeouts

_LOCAL_ACTIVITY_MARKER = "core_local_activity"


class TaskFailure(Record):
    """The workflow code itself could not go on: the run waits for better code."""

    cause: str
    """For example `non-deterministic-error`, or `timed-out`."""
    failure: Failure | None
    at: datetime


class HistoryFold:
    """Steps and outcome of one run, built up by `add`."""

    def __init__(self, converter: DataConverter, *, with_payloads: bool) -> None:
        self.steps: dict[int, Step] = {}
        self.events = 0
        self.input: Shown | None = None
        self.output: Shown | None = None
        self.failure: Failure | None = None
        self.task_failure: TaskFailure | None = None
        self.cancel_requested_at: datetime | None = None
        self._converter = converter
        self._reader = PayloadReader(converter)
        self._with_payloads = with_payloads

    async def add(self, event: HistoryEvent) -> None:
        """Takes in the next event; kinds that tell a reader nothing are only counted."""
        self.events += 1
        kind = event.WhichOneof("attributes")
        handle = _HANDLERS.get((kind or "").removesuffix("_event_attributes"))
        if kind and handle:
            await handle(self, event, getattr(event, kind))

    async def _run_started(self, event: HistoryEvent, told: Any) -> None:
        self.input = await self._shown(told.input)

    async def _run_completed(self, event: HistoryEvent, told: Any) -> None:
        self.output = await self._shown(told.result)

    async def _run_failed(self, event: HistoryEvent, told: Any) -> None:
        self.failure = await self._failure(told.failure)

    async def _cancel_requested(self, event: HistoryEvent, told: Any) -> None:
        self.cancel_requested_at = _at(event)

    async def _task_failed(self, event: HistoryEvent, told: Any) -> None:
        cause = WorkflowTaskFailedCause.Name(told.cause)
        self.task_failure = TaskFailure(
            cause=_kebab(cause, "WORKFLOW_TASK_FAILED_CAUSE_"),
            failure=await self._failure(told.failure),
            at=_at(event),
        )

    async def _task_timed_out(self, event: HistoryEvent, told: Any) -> None:
        if told.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE:
            self.task_failure = TaskFailure(cause="timed-out", failure=None, at=_at(event))

    async def _task_completed(self, event: HistoryEvent, told: Any) -> None:
        self.task_failure = None

    async def _activity_scheduled(self, event: HistoryEvent, told: Any) -> None:
        self.steps[event.event_id] = Step(
            event_id=event.event_id,
            kind=StepKind.ACTIVITY,
            name=told.activity_type.name,
            id=told.activity_id,
            status=StepStatus.SCHEDULED,
            summary=await self._reader.text(event.user_metadata.summary),
            queue=told.task_queue.name,
            max_attempts=told.retry_policy.maximum_attempts or None,
            scheduled_at=_at(event),
            timeouts=Timeouts(
                start_to_close=period(told.start_to_close_timeout),
                schedule_to_start=period(told.schedule_to_start_timeout),
                schedule_to_close=period(told.schedule_to_close_timeout),
                heartbeat=period(told.heartbeat_timeout),
            ),
            reset_event_id=told.workflow_task_completed_event_id,
            input=await self._shown(told.input),
        )

    async def _activity_started(self, event: HistoryEvent, told: Any) -> None:
        latest = Attempt(number=told.attempt, started_at=_at(event), worker=told.identity)
        before: tuple[Attempt, ...] = ()
        if told.HasField("last_failure"):
            failure = await self._failure(told.last_failure)
            before = (Attempt(number=told.attempt - 1, failure=failure),)
        self._change(
            told.scheduled_event_id,
            status=StepStatus.RUNNING,
            started_at=_at(event),
            worker=told.identity,
            attempt=told.attempt,
            attempts=(*before, latest),
        )

    async def _activity_completed(self, event: HistoryEvent, told: Any) -> None:
        output = await self._shown(told.result)
        self._close(event, told.scheduled_event_id, StepStatus.COMPLETED, output=output)

    async def _activity_failed(self, event: HistoryEvent, told: Any) -> None:
        failure = await self._failure(told.failure)
        self._close(event, told.scheduled_event_id, StepStatus.FAILED, failure)
        self._change(told.scheduled_event_id, retry_state=_retry_state(told.retry_state))

    async def _activity_timed_out(self, event: HistoryEvent, told: Any) -> None:
        failure = await self._failure(told.failure)
        self._close(event, told.scheduled_event_id, StepStatus.TIMED_OUT, failure)
        self._change(told.scheduled_event_id, retry_state=_retry_state(told.retry_state))

    async def _activity_cancel_requested(self, event: HistoryEvent, told: Any) -> None:
        self._change(told.scheduled_event_id, status=StepStatus.CANCELING)

    async def _activity_canceled(self, event: HistoryEvent, told: Any) -> None:
        self._close(event, told.scheduled_event_id, StepStatus.CANCELED)

    async def _timer_started(self, event: HistoryEvent, told: Any) -> None:
        summary = await self._reader.text(event.user_metadata.summary)
        self.steps[event.event_id] = Step(
            event_id=event.event_id,
            kind=StepKind.TIMER,
            name=summary or f"timer {told.timer_id}",
            id=told.timer_id,
            status=StepStatus.RUNNING,
            summary=summary,
            scheduled_at=_at(event),
            started_at=_at(event),
            due_at=_at(event) + told.start_to_fire_timeout.ToTimedelta(),
        )

    async def _timer_fired(self, event: HistoryEvent, told: Any) -> None:
        self._close(event, told.started_event_id, StepStatus.COMPLETED)

    async def _timer_canceled(self, event: HistoryEvent, told: Any) -> None:
        is_asked_to_stop = self.cancel_requested_at is not None
        status = StepStatus.CANCELED if is_asked_to_stop else StepStatus.STOPPED
        self._close(event, told.started_event_id, status)

    async def _child_initiated(self, event: HistoryEvent, told: Any) -> None:
        self.steps[event.event_id] = Step(
            event_id=event.event_id,
            kind=StepKind.CHILD_WORKFLOW,
            name=told.workflow_type.name,
            id=told.workflow_id,
            status=StepStatus.SCHEDULED,
            summary=await self._reader.text(event.user_metadata.summary),
            queue=told.task_queue.name,
            scheduled_at=_at(event),
            reset_event_id=told.workflow_task_completed_event_id,
            input=await self._shown(told.input),
        )

    async def _child_refused(self, event: HistoryEvent, told: Any) -> None:
        failure = Failure(
            kind="child-workflow",
            step=told.workflow_type.name,
            message=f"A run called `{told.workflow_id}` exists already.",
        )
        self._close(event, told.initiated_event_id, StepStatus.FAILED, failure)

    async def _child_started(self, event: HistoryEvent, told: Any) -> None:
        self._change(
            told.initiated_event_id,
            status=StepStatus.RUNNING,
            started_at=_at(event),
            child_run_id=told.workflow_execution.run_id,
        )

    async def _child_completed(self, event: HistoryEvent, told: Any) -> None:
        output = await self._shown(told.result)
        self._close(event, told.initiated_event_id, StepStatus.COMPLETED, output=output)

    async def _child_failed(self, event: HistoryEvent, told: Any) -> None:
        failure = await self._failure(told.failure)
        self._close(event, told.initiated_event_id, StepStatus.FAILED, failure)

    async def _child_canceled(self, event: HistoryEvent, told: Any) -> None:
        self._close(event, told.initiated_event_id, StepStatus.CANCELED)

    async def _child_timed_out(self, event: HistoryEvent, told: Any) -> None:
        self._close(event, told.initiated_event_id, StepStatus.TIMED_OUT)

    async def _child_terminated(self, event: HistoryEvent, told: Any) -> None:
        self._close(event, told.initiated_event_id, StepStatus.TERMINATED)

    async def _signaled(self, event: HistoryEvent, told: Any) -> None:
        self.steps[event.event_id] = Step(
            event_id=event.event_id,
            kind=StepKind.SIGNAL,
            name=told.signal_name,
            id=str(event.event_id),
            status=StepStatus.COMPLETED,
            worker=told.identity or None,
            scheduled_at=_at(event),
            finished_at=_at(event),
            input=await self._shown(told.input),
        )

    async def _update_accepted(self, event: HistoryEvent, told: Any) -> None:
        request = told.accepted_request
        self.steps[event.event_id] = Step(
            event_id=event.event_id,
            kind=StepKind.UPDATE,
            name=request.input.name,
            id=request.meta.update_id,
            status=StepStatus.RUNNING,
            worker=request.meta.identity or None,
            scheduled_at=_at(event),
            started_at=_at(event),
            input=await self._shown(request.input.args),
        )

    async def _update_completed(self, event: HistoryEvent, told: Any) -> None:
        accepted = told.accepted_event_id
        if told.outcome.HasField("failure"):
            failure = await self._failure(told.outcome.failure)
            self._close(event, accepted, StepStatus.FAILED, failure)
        else:
            output = await self._shown(told.outcome.success)
            self._close(event, accepted, StepStatus.COMPLETED, output=output)

    async def _marker(self, event: HistoryEvent, told: Any) -> None:
        if told.marker_name != _LOCAL_ACTIVITY_MARKER:
            return
        data = json.loads(told.details["data"].payloads[0].data)
        failure = await self._failure(told.failure) if told.HasField("failure") else None
        finished = _marker_time(data["complete_time"]) or _at(event)
        # The SDK's two clocks differ by some milliseconds, sometimes backwards.
        scheduled = min(_marker_time(data["original_schedule_time"]) or finished, finished)
        self.steps[event.event_id] = Step(
            event_id=event.event_id,
            kind=StepKind.LOCAL_ACTIVITY,
            name=data["activity_type"],
            id=data["activity_id"],
            status=StepStatus.FAILED if failure else StepStatus.COMPLETED,
            summary=await self._reader.text(event.user_metadata.summary),
            attempt=data["attempt"],
            scheduled_at=scheduled,
            finished_at=finished,
            duration=finished - scheduled,
            failure=failure,
            output=await self._shown(told.details["result"]) if "result" in told.details else None,
        )

    def _change(self, event_id: int, **fields: Any) -> None:
        step = self.steps.get(event_id)
        if step:
            self.steps[event_id] = step.model_copy(update=fields)

    def _close(
        self,
        event: HistoryEvent,
        event_id: int,
        status: StepStatus,
        failure: Failure | None = None,
        output: Shown | None = None,
    ) -> None:
        step = self.steps.get(event_id)
        if step is None:
            return
        attempts = step.attempts
        if attempts:
            ended = {"finished_at": _at(event), "failure": failure}
            attempts = (*attempts[:-1], attempts[-1].model_copy(update=ended))
        self._change(
            event_id,
            status=status,
            finished_at=_at(event),
            duration=_at(event) - step.scheduled_at,
            failure=failure,
            output=output,
            attempts=attempts,
        )

    async def _shown(self, payloads: Any) -> Shown | None:
        return await self._reader.show(payloads) if self._with_payloads else None

    async def _failure(self, raw: RawFailure) -> Failure:
        return await read_failure(raw, self._converter)


def _at(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime(UTC)


def _marker_time(stamp: dict[str, int] | None) -> datetime | None:
    if not stamp:
        return None
    return datetime.fromtimestamp(stamp["seconds"] + stamp["nanos"] / 1e9, UTC)


def _retry_state(raw: RetryState.ValueType) -> str | None:
    return _kebab(RetryState.Name(raw), "RETRY_STATE_") if raw else None


def _kebab(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", "-")


_Handler = Callable[[HistoryFold, HistoryEvent, Any], Awaitable[None]]

_HANDLERS: dict[str, _Handler] = {
    "workflow_execution_started": HistoryFold._run_started,
    "workflow_execution_completed": HistoryFold._run_completed,
    "workflow_execution_failed": HistoryFold._run_failed,
    "workflow_execution_cancel_requested": HistoryFold._cancel_requested,
    "workflow_task_failed": HistoryFold._task_failed,
    "workflow_task_timed_out": HistoryFold._task_timed_out,
    "workflow_task_completed": HistoryFold._task_completed,
    "activity_task_scheduled": HistoryFold._activity_scheduled,
    "activity_task_started": HistoryFold._activity_started,
    "activity_task_completed": HistoryFold._activity_completed,
    "activity_task_failed": HistoryFold._activity_failed,
    "activity_task_timed_out": HistoryFold._activity_timed_out,
    "activity_task_cancel_requested": HistoryFold._activity_cancel_requested,
    "activity_task_canceled": HistoryFold._activity_canceled,
    "timer_started": HistoryFold._timer_started,
    "timer_fired": HistoryFold._timer_fired,
    "timer_canceled": HistoryFold._timer_canceled,
    "start_child_workflow_execution_initiated": HistoryFold._child_initiated,
    "start_child_workflow_execution_failed": HistoryFold._child_refused,
    "child_workflow_execution_started": HistoryFold._child_started,
    "child_workflow_execution_completed": HistoryFold._child_completed,
    "child_workflow_execution_failed": HistoryFold._child_failed,
    "child_workflow_execution_canceled": HistoryFold._child_canceled,
    "child_workflow_execution_timed_out": HistoryFold._child_timed_out,
    "child_workflow_execution_terminated": HistoryFold._child_terminated,
    "workflow_execution_signaled": HistoryFold._signaled,
    "workflow_execution_update_accepted": HistoryFold._update_accepted,
    "workflow_execution_update_completed": HistoryFold._update_completed,
    "marker_recorded": HistoryFold._marker,
}
