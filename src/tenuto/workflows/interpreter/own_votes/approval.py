"""`call: human.approval` in runs that began before an approval was a task for people.

Such a run counts the votes itself and believes who sends them; its history has no task, so it has
to go on like that. Runs that begin now never come here: they ask by `interpreter.approval`.
"""

from datetime import timedelta

from pydantic import JsonValue

from tenuto.catalog.library.definitions.approval import ApprovalRequest
from tenuto.core.problem import Problem, problem
from tenuto.definitions.plan import ApprovalTask
from tenuto.workflows.interpreter.approval_request import length, read_request
from tenuto.workflows.interpreter.own_votes.open_approval import OpenApproval
from tenuto.workflows.interpreter.questions import STATUS_ATTRIBUTE, WAITING
from tenuto.workflows.interpreter.reminders import remind
from tenuto.workflows.interpreter.step import Step


async def run(task: ApprovalTask, step: Step) -> JsonValue:
    """The `ApprovalResult`: a rejection is a result, not an error.

    Raises Fault `timeout` 408 when nobody decided in time, `validation` 400 for a request that
    cannot be decided on, `configuration` 400 for a timeout or a form's schema that is none.
    """
    request = read_request(step.evaluate(task.arguments))
    at_most = None if request.timeout is None else length(request.timeout)
    reminders = [length(each) for each in request.reminders]
    approval = _opened(task, request, at_most, step)
    reminding = step.host.start(
        remind(task, approval, reminders, step), name=f"reminders of {task.name}"
    )
    is_expired = False
    try:
        await step.host.until(
            lambda: approval.result is not None, at_most=at_most, summary=task.name
        )
        is_expired = approval.result is None
    finally:
        reminding.cancel()
        _close(approval, step, is_expired=is_expired)
    if approval.result is None:
        raise step.fail(_expired(task, approval))
    return approval.result.model_dump(mode="json")


def _opened(
    task: ApprovalTask, request: ApprovalRequest, at_most: timedelta | None, step: Step
) -> OpenApproval:
    now = step.host.now()
    approval = OpenApproval(
        approval_id=step.host.new_id(),
        name=task.name,
        at=task.at,
        request=request,
        since=now,
        until=None if at_most is None else now + at_most,
    )
    step.approvals.open(approval)
    # Also for correctness: the engine may run a decision together with the last step that left
    # nothing in the history, and the decision first. This leaves something, so that a worker that
    # has just taken over the run knows of the approval before it judges a decision on it.
    step.host.set_search_attributes({STATUS_ATTRIBUTE: WAITING})
    return approval


def _close(approval: OpenApproval, step: Step, *, is_expired: bool) -> None:
    step.approvals.close(approval, step.host.now(), is_expired=is_expired)
    if not step.approvals.pending():
        step.host.set_search_attributes({STATUS_ATTRIBUTE: None})


def _expired(task: ApprovalTask, approval: OpenApproval) -> Problem:
    return problem(
        "timeout",
        f"Nobody decided on `{task.name}` ({approval.request.title}) by {approval.until}; "
        f"{len(approval.votes)} of {approval.request.need} votes came.",
    )
