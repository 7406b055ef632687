"""A schedule as the server has it, unconverted, and its replacement by whoever saw it so.

The SDK's own update shows no conflict token: of two people's changes at once, the later one wins
and nobody notices.
"""

import secrets

from temporalio.api.common.v1 import SearchAttributes
from temporalio.api.schedule.v1 import Schedule
from temporalio.api.workflowservice.v1 import (
    DescribeScheduleRequest,
    DescribeScheduleResponse,
    UpdateScheduleRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tenuto.engine.runs.calls import PATIENCE


async def raw_schedule(client: Client, named: str) -> DescribeScheduleResponse | None:
    """The schedule, with the token that a change of it shows; None where there is none.

    Raises RPCError for other refusals.
    """
    request = DescribeScheduleRequest(namespace=client.namespace, schedule_id=named)
    try:
        return await client.workflow_service.describe_schedule(
            request, retry=True, timeout=PATIENCE
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def replace_schedule(
    client: Client,
    named: str,
    schedule: Schedule,
    *,
    token: bytes,
    found_by: SearchAttributes | None = None,
    change: str | None = None,
) -> None:
    """Sends what the schedule shall be, with the conflict token of what was seen before.

    The server answers all the same and drops the change where the schedule is another since: read
    it back. `found_by` replaces its search attributes; without, they stay. `change` names the
    request, which has one effect however often it arrives. Raises RPCError.
    """
    request = UpdateScheduleRequest(
        namespace=client.namespace,
        schedule_id=named,
        schedule=schedule,
        conflict_token=token,
        search_attributes=found_by,
        identity=client.identity,
        request_id=change or secrets.token_hex(16),
    )
    await client.workflow_service.update_schedule(request, retry=True, timeout=PATIENCE)
