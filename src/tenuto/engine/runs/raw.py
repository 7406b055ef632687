"""The server's own answers about one run, unconverted: the SDK's views raise for a paused run."""

from collections.abc import AsyncIterator

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import HistoryEventFilterType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
)
from temporalio.client import Client

from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.execution import Execution

_PAGE_SIZE = 250


async def describe_raw(client: Client, execution: Execution) -> DescribeWorkflowExecutionResponse:
    """The server's description. Raises NotFoundError for a run that is not there."""
    request = DescribeWorkflowExecutionRequest(
        namespace=client.namespace, execution=raw_execution(execution)
    )
    with refusals(f"run `{execution}`"):
        return await client.workflow_service.describe_workflow_execution(request, timeout=PATIENCE)


async def events(
    client: Client, execution: Execution, *, page_size: int = _PAGE_SIZE
) -> AsyncIterator[HistoryEvent]:
    """The events of a run so far, in order, one page in memory at a time.

    The server counts `page_size` in batches: the events that one workflow task wrote together.
    """
    token = b""
    while True:
        request = GetWorkflowExecutionHistoryRequest(
            namespace=client.namespace,
            execution=raw_execution(execution),
            maximum_page_size=page_size,
            next_page_token=token,
        )
        with refusals(f"history of run `{execution}`"):
            page = await client.workflow_service.get_workflow_execution_history(
                request, timeout=PATIENCE
            )
        for event in page.history.events:
            yield event
        token = page.next_page_token
        if not token:
            return


async def close_event(client: Client, execution: Execution) -> HistoryEvent:
    """The event that ended a closed run."""
    request = GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace,
        execution=raw_execution(execution),
        history_event_filter_type=HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    )
    with refusals(f"end of run `{execution}`"):
        page = await client.workflow_service.get_workflow_execution_history(
            request, timeout=PATIENCE
        )
    return page.history.events[-1]


def raw_execution(execution: Execution) -> WorkflowExecution:
    """The protocol's form of the pair of ids."""
    return WorkflowExecution(workflow_id=execution.workflow_id, run_id=execution.run_id)
