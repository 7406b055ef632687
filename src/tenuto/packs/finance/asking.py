"""Tasks for people, as the runs of the finance packs ask them: opened, awaited, taken back."""

import asyncio
from collections.abc import Callable

from temporalio import workflow

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import DataError
from tenuto.workflows import approvals

_MOOT = "what was asked about has changed, or is not needed any more"


async def ask(
    request: TaskRequest,
    *,
    name: str,
    opened: Callable[[str], None],
    is_moot: Callable[[], bool] = lambda: False,
) -> TaskOutcome | None:
    """What people decided; None where nobody did in time, or before `is_moot` came true.

    `opened` is told the task's id. A task that became moot is taken back, so that nobody can
    decide it any more; one that was decided at that very moment has its outcome, which the caller
    judges. For workflow code only. Raises DataError as `OpenTask.outcome` does, but for expiry.
    """
    task = await approvals.open(name, request)
    opened(task.id)
    answer = asyncio.ensure_future(task.outcome())
    try:
        await workflow.wait_condition(lambda: answer.done() or is_moot())
        if not answer.done():
            outcome = await task.withdraw(_MOOT)
            return None if outcome.state == "cancelled" else outcome
        return await answer
    except DataError as ended:
        if ended.code != "task.expired":
            raise
        return None
    finally:
        answer.cancel()
