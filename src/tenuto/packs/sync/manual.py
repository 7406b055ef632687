"""Starting a sync by hand: one at a time for each source, however often it is asked for."""

from typing import Any

from pydantic import BaseModel
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from tenuto.catalog.entries import WorkflowEntry
from tenuto.core.errors import UsageError
from tenuto.packs.sync.names import ALREADY_RUNNING
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.start import Handle

REGULAR = "sync-{}"
"""Id of a source's run within a scheduled sync."""
MANUAL = "sync-{}-manual"
"""Id of the first run by hand; later ones carry a number behind it."""
BACKFILL = "sync-{}-backfill"
"""Id of a source's first backfill; later ones carry a number behind it."""


async def start_alone(
    client: Client,
    gate: Gate,
    entry: WorkflowEntry[Any, Any],
    request: BaseModel,
    *,
    named: str,
    beside: tuple[str, ...] = (),
) -> Handle:
    """A run with the id `named`, or, once that is closed, with a number behind it.

    Raises UsageError `sync.already-running` while one of them, or of `beside`, is open. Ids are
    never given twice: evidence and approvals are found by them.
    """
    for other in beside:
        if await _status(client, other) is WorkflowExecutionStatus.RUNNING:
            raise _running(other)
    number = await _last_used(client, named)
    if number and await _status(client, _name(named, number)) is WorkflowExecutionStatus.RUNNING:
        raise _running(_name(named, number))
    free = _name(named, number + 1)
    try:
        return await gate.start(client, entry, request, workflow_id=free)
    except UsageError as error:
        if error.code != "start.id-taken":
            raise
        raise _running(free) from error


async def _last_used(client: Client, named: str) -> int:
    """The highest number that a run has; 0 where there is none."""
    high = 1
    while await _status(client, _name(named, high)) is not None:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if await _status(client, _name(named, middle)) is None:
            high = middle
        else:
            low = middle
    return low


def _name(named: str, number: int) -> str:
    return named if number == 1 else f"{named}-{number}"


async def _status(client: Client, workflow_id: str) -> WorkflowExecutionStatus | None:
    try:
        return (await client.get_workflow_handle(workflow_id).describe()).status
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


def _running(workflow_id: str) -> UsageError:
    return UsageError(
        f"already running {workflow_id}. Watch it: `tenuto show {workflow_id} --follow`; stop it:"
        f" `tenuto cancel {workflow_id}`.",
        code=ALREADY_RUNNING,
        details={"workflow_id": workflow_id},
    )
