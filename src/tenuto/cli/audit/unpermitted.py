"""An exporter that runs since before policy was switched on: its next history would be refused."""

from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.client import Client

from tenuto.catalog.library.evidence.catalog import EXPORTER_ID
from tenuto.catalog.library.evidence.models import ExportRequest
from tenuto.core.errors import NotFoundError
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import describe_raw, events
from tenuto.identity.ticket import HEADER_PERMIT


async def unpermitted(client: Client) -> ExportRequest | None:
    """What the running exporter knew when its history began, where that has no permit; None where
    it has one, or none runs. The ledger itself tells whatever it has learned since."""
    run = Execution(workflow_id=EXPORTER_ID.format(namespace=client.namespace))
    try:
        found = (await describe_raw(client, run)).workflow_execution_info
    except NotFoundError:
        return None
    if found.status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING:
        return None
    run = Execution(workflow_id=run.workflow_id, run_id=found.execution.run_id)
    async for event in events(client, run, page_size=1):
        started = event.workflow_execution_started_event_attributes
        if HEADER_PERMIT in started.header.fields:
            return None
        (known,) = await client.data_converter.decode(started.input.payloads, [ExportRequest])
        return ExportRequest.model_validate(known)
    return None
