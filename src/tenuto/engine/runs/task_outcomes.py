"""How a task for people ended, for whoever speaks to it too late."""

from datetime import UTC, datetime

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.engine.runs.calls import PATIENCE, refusals


async def recorded_outcome(client: Client, task_id: str) -> TaskOutcome | None:
    """How the task ended; None while it is open. Needs no worker.

    One that was terminated or failed counts as cancelled: nothing was decided. Raises
    NotFoundError for a task that is not there.
    """
    handle = client.get_workflow_handle(task_id, result_type=TaskOutcome)
    with refusals(f"task `{task_id}`"):
        ended = await handle.describe(rpc_timeout=PATIENCE)
        if ended.status == WorkflowExecutionStatus.RUNNING:
            return None
        if ended.status == WorkflowExecutionStatus.COMPLETED:
            outcome: TaskOutcome = await handle.result(rpc_timeout=PATIENCE)
            return outcome
    return _without_result(task_id, ended)


def _without_result(task_id: str, ended: WorkflowExecutionDescription) -> TaskOutcome:
    status = ended.status.name.lower() if ended.status else "gone"
    return TaskOutcome(
        task_id=task_id,
        state="cancelled",
        at=ended.close_time or datetime.fromtimestamp(0, UTC),
        comment=f"The run of the task was {status}.",
    )
