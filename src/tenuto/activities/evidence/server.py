"""What the exporter reads from the server: closed runs, their histories, counts, the retention."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.converter import PayloadConverter
from temporalio.service import RPCError, RPCStatusCode

from tenuto.core.errors import TransientError

_PAGE = 500
_EVENTS_PAGE = 1_000
_PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ClosedRun:
    """A closed run, as the server lists it."""

    workflow_id: str
    run_id: str
    closed_at: datetime

    @property
    def id(self) -> str:
        """Its id as a record of the ledger."""
        return run_entry_id(self.workflow_id, self.run_id)


def run_entry_id(workflow_id: str, run_id: str) -> str:
    """The id of a run's record in the ledger."""
    return f"run:{workflow_id}:{run_id}"


async def closed_runs(client: Client, since: datetime | None) -> AsyncIterator[list[ClosedRun]]:
    """Pages of the runs that closed at or after `since`, by the server's clock."""
    after = f" AND CloseTime >= '{_text(since)}'" if since else ""
    token = b""
    while True:
        page = await client.workflow_service.list_workflow_executions(
            ListWorkflowExecutionsRequest(
                namespace=client.namespace,
                page_size=_PAGE,
                query=f"ExecutionStatus != 'Running'{after}",
                next_page_token=token,
            ),
            timeout=_PATIENCE,
        )
        yield [
            ClosedRun(each.execution.workflow_id, each.execution.run_id, moment(each.close_time))
            for each in page.executions
        ]
        token = page.next_page_token
        if not token:
            return


async def open_runs(client: Client) -> AsyncIterator[tuple[str, str]]:
    """Workflow id and run id of every run that is open."""
    async for run in client.list_workflows("ExecutionStatus = 'Running'", page_size=_PAGE):
        yield run.id, run.run_id


async def raw_history(client: Client, run: ClosedRun) -> History | None:
    """The whole history, as the server has it; None where the run is gone."""
    events: list[HistoryEvent] = []
    token = b""
    while True:
        try:
            page = await client.workflow_service.get_workflow_execution_history(
                GetWorkflowExecutionHistoryRequest(
                    namespace=client.namespace,
                    execution=WorkflowExecution(workflow_id=run.workflow_id, run_id=run.run_id),
                    maximum_page_size=_EVENTS_PAGE,
                    next_page_token=token,
                ),
                timeout=_PATIENCE,
            )
        except RPCError as refused:
            if refused.status is RPCStatusCode.NOT_FOUND:
                return None
            raise _unread(run, refused) from refused
        events.extend(page.history.events)
        token = page.next_page_token
        if not token:
            return History(events=events)


async def started_at(client: Client, workflow_id: str, run_id: str = "") -> datetime | None:
    """When the run was started; without a run id, the latest run of that id. None for none."""
    try:
        found = await client.workflow_service.describe_workflow_execution(
            DescribeWorkflowExecutionRequest(
                namespace=client.namespace,
                execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
            ),
            timeout=_PATIENCE,
        )
    except RPCError as refused:
        if refused.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return moment(found.workflow_execution_info.start_time)


async def closed_between(client: Client, start: datetime, end: datetime) -> dict[str, int]:
    """How many runs closed from `start` to before `end`, by status, as the server counts them."""
    query = (
        f"CloseTime >= '{_text(start)}' AND CloseTime < '{_text(end)}'"
        " AND ExecutionStatus != 'Running' GROUP BY ExecutionStatus"
    )
    found = await client.workflow_service.count_workflow_executions(
        CountWorkflowExecutionsRequest(namespace=client.namespace, query=query), timeout=_PATIENCE
    )
    return {_plain(group.group_values): group.count for group in found.groups}


async def retention(client: Client) -> timedelta:
    """How long the namespace keeps closed runs."""
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace), timeout=_PATIENCE
    )
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


def moment(stamp: Timestamp) -> datetime:
    """UTC."""
    return stamp.ToDatetime(tzinfo=UTC)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _plain(values: Sequence[Payload]) -> str:
    return str(PayloadConverter.default.from_payload(values[0]))


def _unread(run: ClosedRun, refused: RPCError) -> TransientError:
    return TransientError(
        f"The history of run `{run.workflow_id}` ({run.run_id}) cannot be read:"
        f" {refused.message}. The exporter tries again.",
        code="evidence.history-unread",
    )
