"""What people do with a task: one message through the gate, and an answer one can act on."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, Protocol

from temporalio.client import Client

from tenuto.catalog.library.tasks.messages import (
    Administer,
    Attach,
    Claim,
    Decide,
    Delegate,
    Forward,
    Release,
    Remark,
    RemindMe,
)
from tenuto.catalog.library.tasks.outcome import Standing, closed
from tenuto.core.errors import TenutoError, TransientError
from tenuto.engine.runs.task_outcomes import recorded_outcome
from tenuto.triggers.tasks.reading import describe_task

Message = Claim | Release | Delegate | Forward | Decide | Remark | Attach | RemindMe | Administer
_NAMES: Final[dict[type[Message], str]] = {
    Claim: "claim",
    Release: "release",
    Delegate: "delegate",
    Forward: "forward",
    Decide: "decide",
    Remark: "comment",
    Attach: "attach",
    RemindMe: "remind_me",
    Administer: "administer",
}


class Sends(Protocol):
    """What the gate does for an update: it asks policy, records, signs, and sends."""

    async def update(
        self, client: Client, run: str, name: str, args: Sequence[Any], *, patience: timedelta
    ) -> Any:
        """The answer. Raises as `tenuto.triggers.gate.gate.Gate.update` does."""


PATIENCE = timedelta(seconds=8)
_ENDED = ("task.closed", "runs.closed", "runs.not-found")


async def tell_task(client: Client, gate: Sends, task_id: str, message: Message) -> Standing:
    """How the task stands after `message`, which is recorded then.

    Raises UsageError `task.closed` with the recorded outcome for a task that has ended,
    TransientError `task.not-recorded` where no worker runs, so that nothing was sent, and
    `task.unanswered` where one fell silent; otherwise what policy and the task refuse.
    """
    await describe_task(client, task_id)
    try:
        answer = await gate.update(
            client, task_id, _NAMES[type(message)], [message], patience=PATIENCE
        )
    except TenutoError as error:
        explained = await _explained(client, task_id, error)
        if explained is error:
            raise
        raise explained from error
    return Standing.model_validate(answer)


async def _explained(client: Client, task_id: str, error: TenutoError) -> TenutoError:
    if error.code in _ENDED:
        return await _ended(client, task_id, error)
    if error.code == "runs.no-worker":
        return TransientError(
            f"Nothing was recorded: no worker takes up what is said to `{task_id}`, so it was not"
            " sent. Start one (`tenuto up`, or `tenuto worker` for queue `tasks`), and say it"
            " again.",
            code="task.not-recorded",
        )
    if error.code == "runs.no-answer":
        return TransientError(
            f"`{task_id}` did not answer within {PATIENCE.total_seconds():g} s: whether it was"
            " recorded is not known, and it may still be taken up within ten minutes."
            f" `tenuto tasks history {task_id}` tells. Saying it again does no harm: one person"
            " has one vote.",
            code="task.unanswered",
        )
    if error.code.startswith(("task.", "ticket.")):
        return type(error)(_bare(error.message), code=error.code, details=error.details)
    return error


async def _ended(client: Client, task_id: str, error: TenutoError) -> TenutoError:
    outcome = await recorded_outcome(client, task_id)
    return error if outcome is None else closed(outcome)


def _bare(message: str) -> str:
    """What the task itself said, without which update of which run refused it."""
    _, refused, reason = message.partition("` refused update `")
    return reason.partition("`: ")[2] if refused else message
