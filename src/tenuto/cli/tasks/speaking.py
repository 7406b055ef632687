"""One message to one task, from the words on the command line to what became of it."""

from typing import Any, TypeVar

from pydantic import ValidationError

from tenuto.catalog.check import explain
from tenuto.cli.output import Output
from tenuto.cli.tasks.desk import Desk, open_desk
from tenuto.cli.tasks.told import tell_standing
from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.triggers.tasks.acting import Message

MessageT = TypeVar("MessageT", bound=Record)


async def tell(
    output: Output, text: str, message: Message, desk: Desk | None = None, *, did: str = ""
) -> None:
    """Says `message` to the task that `text` names, and tells what was done, `did`, and how it
    stands then."""
    desk = desk or await open_desk()
    task_id = await desk.resolve(text)
    tell_standing(output, task_id, await desk.tell(task_id, message), did)


def written(kind: type[MessageT], **values: Any) -> MessageT:
    """The message. Raises UsageError `task.message` for what it cannot say."""
    try:
        return kind.model_validate(values)
    except ValidationError as wrong:
        lines = "; ".join(explain(wrong, kind))
        raise UsageError(f"This cannot be said: {lines}.", code="task.message") from wrong
