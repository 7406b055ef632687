"""`call: human.approval`: ask people by a task of their own, and wait for what they decide."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from pydantic import JsonValue, ValidationError

from tenuto.catalog.library.definitions.approval import ApprovalRequest
from tenuto.catalog.library.definitions.as_task import result_of, task_of
from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.problem import Problem, problem
from tenuto.definitions.plan import ApprovalTask
from tenuto.workflows.interpreter.approval_request import cannot_be_asked, length, read_request
from tenuto.workflows.interpreter.own_votes import approval as own_votes
from tenuto.workflows.interpreter.questions import STATUS_ATTRIBUTE, WAITING, Question
from tenuto.workflows.interpreter.reminders import remind
from tenuto.workflows.interpreter.step import Step


async def run(task: ApprovalTask, step: Step) -> JsonValue:
    """The `ApprovalResult`: a rejection is a result, not an error.

    Raises Fault `timeout` 408 when nobody decided in time, `runtime` 500 when the task was ended
    otherwise without a decision, `validation` 400 for a request that cannot be decided on,
    `configuration` 400 for a length of time or a form's schema that is none.
    """
    if not step.host.asks_by_task():
        return await own_votes.run(task, step)
    request = read_request(step.evaluate(task.arguments))
    at_most = None if request.timeout is None else length(request.timeout)
    if at_most == timedelta(0):
        raise step.fail(_expired(task, request, votes=0))
    wanted = _task(request, at_most, [length(each) for each in request.reminders])
    outcome = await _outcome(task, request, wanted, step)
    if outcome.state == "expired":
        raise step.fail(_expired(task, request, votes=len(outcome.votes), by=outcome.by))
    if outcome.decision is None:
        raise step.fail(_ended(task, request, outcome))
    return result_of(outcome).model_dump(mode="json")


def _task(
    request: ApprovalRequest, at_most: timedelta | None, reminders: list[timedelta]
) -> TaskRequest:
    try:
        return task_of(request, timeout=at_most, reminders=reminders)
    except ValidationError as wrong:
        raise cannot_be_asked(wrong) from wrong


async def _outcome(
    task: ApprovalTask, request: ApprovalRequest, wanted: TaskRequest, step: Step
) -> TaskOutcome:
    with ExitStack() as while_open:

        def opened(task_id: str) -> None:
            since = step.host.now()
            question = Question(
                task_id=task_id,
                name=task.name,
                at=task.at,
                request=request,
                since=since,
                until=None if wanted.expire is None else since + wanted.expire,
            )
            while_open.enter_context(_open(question, wanted, task, step))

        return await step.host.ask_people(wanted, task=task.name, at=task.at, opened=opened)


@contextmanager
def _open(
    question: Question, wanted: TaskRequest, task: ApprovalTask, step: Step
) -> Iterator[None]:
    """Shown as what the run waits for, and reminded of, within the block."""
    step.questions.open(question)
    step.host.set_search_attributes({STATUS_ATTRIBUTE: WAITING})
    reminding = step.host.start(
        remind(task, question, wanted.remind, step), name=f"reminders of {task.name}"
    )
    try:
        yield
    finally:
        reminding.cancel()
        step.questions.close(question)
        if not step.questions.waiting:
            step.host.set_search_attributes({STATUS_ATTRIBUTE: None})


def _expired(
    task: ApprovalTask, request: ApprovalRequest, *, votes: int, by: str | None = None
) -> Problem:
    how = f"; `{by}` ended it" if by else ""
    return problem(
        "timeout",
        f"Nobody decided on `{task.name}` ({request.title}) in time{how}; {votes} of"
        f" {request.need} votes came.",
    )


def _ended(task: ApprovalTask, request: ApprovalRequest, outcome: TaskOutcome) -> Problem:
    why = f" ({outcome.comment})" if outcome.comment else ""
    return problem(
        "runtime",
        f"`{task.name}` ({request.title}) has no decision: task `{outcome.task_id}` was"
        f" {outcome.sentence()}{why}.",
        code="approval.withdrawn",
    )
