"""Waiting thirty days in a test: workflows whose timers jump instead of run."""

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionTimeSkippingRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

MAX_SKIPS = 100_000
"""Jumps one run may make. The server's own limit of 200 ends skipping without a word."""


async def can_skip_time(client: Client) -> bool:
    """Whether the server lets workflows of this namespace skip time."""
    # Asks about a workflow that cannot exist: the answer tells whether the feature is on.
    request = PollWorkflowExecutionTimeSkippingRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id="tenuto-testing-no-such-workflow"),
        fast_forward_id="probe",
    )
    try:
        await client.workflow_service.poll_workflow_execution_time_skipping(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return True
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            return False
        raise
    return True


def skip_time(client: Client) -> Client:
    """The same connection; every workflow it starts skips its timers, its children's too.

    A run jumps whenever nothing but time keeps it waiting; each has a clock of its own.
    Schedules are not skipped. Experimental in the SDK.
    """
    config = TimeSkippingConfig(max_session_skip_count=MAX_SKIPS)
    return TimeSkipper(client, config=config).client
