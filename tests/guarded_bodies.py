"""The one act, and who it was done for."""

from collections import Counter
from typing import Any

from temporalio import activity
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from guarded_catalog import QUEUE, ask, pay
from guarded_models import Paid, Payment
from tenuto.catalog.implement import implements

PAID: Counter[str] = Counter()


@implements(pay)
async def pay_now(request: Payment) -> Paid:
    """Counts."""
    PAID[request.to] += 1
    return Paid(to=request.to)


@implements(ask)
async def ask_patient(request: Payment) -> Paid:
    """Starts a run that an update tells to pay."""
    opening: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        "Patient",
        request,
        id=f"asked-for-{request.to}",
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    await activity.client().execute_update_with_start_workflow(
        "pay_now", request, start_workflow_operation=opening
    )
    return Paid(to=request.to)
