"""The checks of a monitor, failed ones included: each with its own times and how it ended."""

import asyncio
from typing import Any, Literal

from pydantic import AwareDatetime
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.failures import read_failure
from tenuto.engine.runs.listing import RunSummary, list_runs
from tenuto.engine.runs.query import RunFilter
from tenuto.engine.runs.raw import close_event, describe_raw
from tenuto.engine.runs.status import RunStatus
from tenuto.packs.monitors.catalog import monitor_check
from tenuto.packs.monitors.models import CheckMetadata, CheckRecord, NoticeSent, Source, Spent
from tenuto.packs.monitors.schedule import schedule_id

ExecutionStatus = Literal[
    "pending", "running", "retrying", "success", "skipped", "failed", "cancelled"
]

_AT_ONCE = 20


class CheckResult(Record):
    """What a check found and did."""

    summary: str
    sources: tuple[Source, ...] = ()
    actions: tuple[str, ...] = ()
    metadata: CheckMetadata


class ExecutionRecord(Record):
    """One check."""

    workflow_id: str
    run_id: str
    status: ExecutionStatus
    """`pending`: no worker has taken it yet; `retrying`: a step failed and is tried again."""
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    condition_met: bool | None = None
    explanation: str = ""
    answer: str = ""
    result: CheckResult | None = None
    """None where the check did not end well, or not yet."""
    notices: tuple[NoticeSent, ...] = ()
    spent: Spent | None = None
    error: str = ""
    """Why it failed, in a sentence."""


async def read_history(
    client: Client, monitor_id: str, *, limit: int = 20
) -> list[ExecutionRecord]:
    """The newest checks, newest first; also those of a monitor that was deleted.

    A check is listed about a second after it began. Raises UnreachableError where the server does
    not answer.
    """
    page = await list_runs(
        client,
        RunFilter(
            entry=monitor_check.name,
            subject=monitor_id,
            workflow_id_prefix=f"{schedule_id(monitor_id)}-",
        ),
        page_size=limit,
    )
    newest = sorted(page.runs, key=lambda run: run.started_at, reverse=True)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(run: RunSummary) -> ExecutionRecord:
        async with gate:
            return await read_execution(client, run)

    return list(await asyncio.gather(*(one(run) for run in newest)))


async def read_execution(client: Client, run: RunSummary) -> ExecutionRecord:
    """One check as it stands."""
    known: dict[str, Any] = {
        "workflow_id": run.workflow_id,
        "run_id": run.run_id,
        "started_at": run.started_at,
        "ended_at": run.closed_at,
    }
    execution = Execution(workflow_id=run.workflow_id, run_id=run.run_id)
    if run.status.is_open:
        return ExecutionRecord(status=await _open_status(client, execution), **known)
    if run.status is RunStatus.COMPLETED:
        return _completed(await _result(client, execution), known)
    status: ExecutionStatus = "cancelled" if run.status is RunStatus.CANCELED else "failed"
    return await _ended_badly(client, execution, run.status, {**known, "status": status})


async def _open_status(client: Client, execution: Execution) -> ExecutionStatus:
    raw = await describe_raw(client, execution)
    if any(each.attempt > 1 for each in raw.pending_activities):
        return "retrying"
    # The history of a run that no worker has taken ends with its first task.
    return "pending" if raw.workflow_execution_info.history_length <= 2 else "running"


async def _result(client: Client, execution: Execution) -> CheckRecord:
    event = await close_event(client, execution)
    payloads = list(event.workflow_execution_completed_event_attributes.result.payloads)
    (record,) = await client.data_converter.decode(payloads, [CheckRecord])
    assert isinstance(record, CheckRecord)  # noqa: S101 (narrowing: decoded as that)
    return record


def _completed(record: CheckRecord, known: dict[str, Any]) -> ExecutionRecord:
    return ExecutionRecord(
        status=record.status,
        condition_met=record.condition_met,
        explanation=record.explanation,
        answer=record.answer,
        result=CheckResult(
            summary=record.summary,
            sources=record.sources,
            actions=record.actions,
            metadata=record.metadata,
        ),
        notices=record.notices,
        spent=record.spent,
        **known,
    )


async def _ended_badly(
    client: Client, execution: Execution, status: RunStatus, known: dict[str, Any]
) -> ExecutionRecord:
    event = await close_event(client, execution)
    if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
        return ExecutionRecord(error=f"The check was {status.value.replace('-', ' ')}.", **known)
    raw = event.workflow_execution_failed_event_attributes.failure
    failure = (await read_failure(raw, client.data_converter)).reason
    details = failure.details[0] if failure.details else {}
    notices = details.get("notices", []) if isinstance(details, dict) else []
    return ExecutionRecord(
        error=failure.message,
        notices=tuple(NoticeSent.model_validate(each) for each in notices),
        **known,
    )
