"""`notify.admit`: the question to an audience's storm guard, which starts with the first one."""

import asyncio
from typing import Any

from temporalio import activity
from temporalio.client import (
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from tenuto.activities.notify.identity import event_id
from tenuto.catalog import implements
from tenuto.catalog.library.notify import catalog
from tenuto.catalog.library.notify.storms import Admission, AdmitRequest, StormGuardRequest
from tenuto.core.errors import TransientError


@implements(catalog.admit)
async def admit(request: AdmitRequest) -> Admission:
    """What the guard of `request.audience` answers; it is started if it does not run.

    Raises TransientError `notify.guard-unavailable`, also when the guard has just ended: the
    next attempt starts another.
    """
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        catalog.storm_guard.type_name,
        StormGuardRequest(audience=request.audience),
        id=catalog.GUARD_ID.format(audience=request.audience),
        task_queue=catalog.QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"notices to {request.audience}",
    )
    asyncio.ensure_future(start.workflow_handle()).add_done_callback(_look_at)
    try:
        answer: Admission = await activity.client().execute_update_with_start_workflow(
            "admit",
            request,
            start_workflow_operation=start,
            id=event_id(request.idempotency_key),
            result_type=Admission,
        )
    except WorkflowUpdateRPCTimeoutOrCancelledError as exc:
        if activity.is_cancelled():  # the client makes one error of both
            raise asyncio.CancelledError from exc
        raise _unavailable(request, exc) from exc
    except (RPCError, WorkflowUpdateFailedError) as exc:
        raise _unavailable(request, exc) from exc
    return answer


def _unavailable(request: AdmitRequest, why: Exception) -> TransientError:
    return TransientError(
        f"the storm guard of {request.audience} cannot be asked ({why}); check that a worker "
        f"serves the queue `{catalog.QUEUE}`",
        code="notify.guard-unavailable",
    )


def _look_at(started: "asyncio.Future[Any]") -> None:
    """Takes note of a start that failed; asyncio would log it as never looked at."""
    if not started.cancelled():
        started.exception()
