"""Asking people from a workflow, in one line: `await approvals.request("sign-off", ...)`."""

import asyncio
from typing import Any

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import (
    ApplicationError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import DataError
from tenuto.workflows.human_task.search import found_by
from tenuto.workflows.human_task.state import opened


class OpenTask:
    """A task that people were given and that this run waits for."""

    def __init__(self, task_id: str, child: workflow.ChildWorkflowHandle[Any, TaskOutcome]) -> None:
        self.id = task_id
        """Workflow id of the task."""
        self._child = child
        self._withdrawn: str | None = None

    async def outcome(self) -> TaskOutcome:
        """How it ended: also a rejection, and a task that somebody cancelled.

        Raises DataError `task.expired` where it ended without a decision, and
        `task.ended-otherwise` where it was terminated or failed. A cancellation of this run
        cancels the task and goes on.
        """
        cancellations = _cancellations()
        try:
            outcome: TaskOutcome = await self._child
        except ChildWorkflowError as error:
            if _cancellations() > cancellations:
                raise asyncio.CancelledError from error
            outcome = self._ended(error)
        if _cancellations() > cancellations:
            raise asyncio.CancelledError
        if outcome.state == "expired":
            raise _expired(outcome)
        return outcome

    async def withdraw(self, reason: str) -> TaskOutcome:
        """Ends it because its answer is not needed; people who come later are told so.

        The outcome is `cancelled`, or what was decided before that. Raises as `outcome` does.
        """
        self._withdrawn = reason
        self._child.cancel(reason)
        return await self.outcome()

    def _ended(self, error: ChildWorkflowError) -> TaskOutcome:
        if is_cancelled_exception(error):
            return TaskOutcome(
                task_id=self.id,
                state="cancelled",
                at=workflow.now(),
                comment=self._withdrawn or "",
            )
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.details:
            raise DataError(cause.message, code=str(cause.details[0]["code"])) from error
        raise DataError(
            f"The task `{self.id}` has no outcome: {cause or error}. Somebody ended it from"
            " outside, which is no decision; ask again.",
            code="task.ended-otherwise",
        ) from error


async def request(name: str, task: TaskRequest) -> TaskOutcome:
    """What people decided. A rejection is an outcome too: see `TaskOutcome.require_approved`.

    `name` says what is asked, within this run; its task is called `task/<root>/<name>`. Raises as
    `OpenTask.outcome` does. For workflow code only.
    """
    return await (await open(name, task)).outcome()


async def open(name: str, task: TaskRequest) -> OpenTask:  # noqa: A001 (approvals.open)
    """The task, as soon as people can find it, for a run that waits for other things too.

    It ends with this run. For workflow code only.
    """
    task_id = _task_id(name)
    try:
        return await _open(task_id, name, task)
    except WorkflowAlreadyStartedError:
        # This run asks again in a loop or after a reset, or another part of it uses the name. A
        # task of its own for each: a ticket that was issued for one must not fit another.
        return await _open(f"{task_id}-{workflow.uuid4().hex[:8]}", name, task)


async def _open(task_id: str, name: str, task: TaskRequest) -> OpenTask:
    child = await workflow.start_child_workflow(
        human_task.type_name,
        task,
        id=task_id,
        result_type=TaskOutcome,
        task_queue=human_task.queue,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        search_attributes=found_by(task, opened(task, workflow.now())),
        static_summary=f"{name}: {task.title}"[:200],
    )
    return OpenTask(task_id, child)


def _task_id(name: str) -> str:
    """A part of a run that has an id of its own asks under that id."""
    info = workflow.info()
    root = info.root.workflow_id if info.root else info.workflow_id
    part = info.workflow_id.removeprefix(root).strip("/")
    return "/".join(filter(None, ("task", root, part, name)))


def _cancellations() -> int:
    """How often whoever waits here was told to stop."""
    waiting = asyncio.current_task()
    return waiting.cancelling() if waiting else 0


def _expired(outcome: TaskOutcome) -> DataError:
    return DataError(
        f"Nobody decided on `{outcome.task_id}` in time: it {outcome.sentence()},"
        f" {len(outcome.votes)} vote(s) came. Ask again, or give it more time (`expire`).",
        code="task.expired",
        details={"outcome": outcome.model_dump(mode="json")},
    )
