"""One run's header: what it is, where it stands, what came out, how large it has grown."""

from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.engine.bootstrap import ENTRY, STATUS
from tenuto.engine.runs.attributes import Attributes, search_attributes, word
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.failures import Failure, read_failure
from tenuto.engine.runs.handlers import Handlers, read_handlers
from tenuto.engine.runs.moments import moment, now
from tenuto.engine.runs.payloads import PayloadReader, Shown
from tenuto.engine.runs.raw import close_event, describe_raw
from tenuto.engine.runs.status import RunStatus

MOST_EVENTS = 51_200
MOST_BYTES = 50 * 1024 * 1024
_WARN_SHARE = 0.8


class RunDescription(Record):
    """What is known of a run without reading its history."""

    workflow_id: str
    run_id: str
    type_name: str
    entry: str | None
    """Catalog name it was started by; None for a run started around the catalog."""
    status: RunStatus
    stage: str | None
    """The run's own word for where it stands."""
    summary: str | None
    """One line given at start."""
    details: str | None
    """What the run says it is doing, or the text given at start."""
    queue: str
    started_at: AwareDatetime
    closed_at: AwareDatetime | None
    elapsed: timedelta
    """From start to close, or to now."""
    search_attributes: Attributes
    memo: dict[str, Shown]
    result: Shown | None
    """What a completed run returned."""
    failure: Failure | None
    """Why a run ended otherwise."""
    continued_as: str | None
    """Run id of the run that goes on in its place."""
    parent: Execution | None
    first_run_id: str
    """The first of a chain of continued or retried runs."""
    history_events: int
    history_bytes: int
    warnings: tuple[str, ...]
    """What will go wrong if nobody acts."""
    handlers: Handlers | None
    """The messages it takes; None when no worker answers or the run is closed."""


async def describe_run(client: Client, execution: Execution) -> RunDescription:
    """The header of a run. Raises NotFoundError for a run that is not there.

    Takes up to three seconds more when the run is open and no worker answers.
    """
    raw = await describe_raw(client, execution)
    status = RunStatus.from_raw(raw.workflow_execution_info.status)
    handlers = await read_handlers(client, execution) if status is RunStatus.RUNNING else None
    end = _End() if status.is_open else await _read_end(client, raw.workflow_execution_info)
    return await _description(client, raw, status, handlers, end)


class _End(Record):
    result: Shown | None = None
    failure: Failure | None = None
    continued_as: str | None = None


async def _description(
    client: Client,
    raw: DescribeWorkflowExecutionResponse,
    status: RunStatus,
    handlers: Handlers | None,
    end: _End,
) -> RunDescription:
    info, reader = raw.workflow_execution_info, PayloadReader(client.data_converter)
    attributes = search_attributes(info.search_attributes)
    started, closed = moment(info.start_time) or now(), moment(info.close_time)
    said = handlers.current_details if handlers else None
    at_start = raw.execution_config.user_metadata
    return RunDescription(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        type_name=info.type.name,
        entry=word(attributes, ENTRY.name),
        status=status,
        stage=word(attributes, STATUS.name),
        summary=await reader.text(at_start.summary),
        details=said or await reader.text(at_start.details),
        queue=info.task_queue,
        started_at=started,
        closed_at=closed,
        elapsed=(closed or now()) - started,
        search_attributes=attributes,
        memo={name: await _required(reader, each) for name, each in info.memo.fields.items()},
        result=end.result,
        failure=end.failure,
        continued_as=end.continued_as,
        parent=_parent(info),
        first_run_id=info.first_run_id,
        history_events=info.history_length,
        history_bytes=info.history_size_bytes,
        warnings=_warnings(info),
        handlers=handlers,
    )


async def _read_end(client: Client, info: WorkflowExecutionInfo) -> _End:
    execution = Execution(workflow_id=info.execution.workflow_id, run_id=info.execution.run_id)
    event = await close_event(client, execution)
    told: Any = getattr(event, event.WhichOneof("attributes") or "")
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
        return _End(result=await PayloadReader(client.data_converter).show(told.result))
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
        return _End(failure=await read_failure(told.failure, client.data_converter))
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
        return _End(continued_as=told.new_execution_run_id)
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
        by = f" by {told.identity}" if told.identity else ""
        message = f"terminated{by}: {told.reason or 'no reason given'}"
        return _End(failure=Failure(kind="terminated", message=message))
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
        message = "the run took longer than its execution timeout"
        return _End(failure=Failure(kind="timeout", message=message))
    return _End(failure=Failure(kind="canceled", message="canceled on request"))


def _warnings(info: WorkflowExecutionInfo) -> tuple[str, ...]:
    remedy = "the run should continue as new before the engine ends it"
    warnings = []
    if info.history_length > _WARN_SHARE * MOST_EVENTS:
        warnings.append(
            f"The history has {info.history_length:,} of at most {MOST_EVENTS:,} events: {remedy}."
        )
    if info.history_size_bytes > _WARN_SHARE * MOST_BYTES:
        warnings.append(
            f"The history has {info.history_size_bytes:,} of at most {MOST_BYTES:,} bytes:"
            f" {remedy}."
        )
    return tuple(warnings)


def _parent(info: WorkflowExecutionInfo) -> Execution | None:
    parent = info.parent_execution
    if not parent.workflow_id:
        return None
    return Execution(workflow_id=parent.workflow_id, run_id=parent.run_id)


async def _required(reader: PayloadReader, payload: Payload) -> Shown:
    return await reader.show([payload]) or Shown(bytes=0)
