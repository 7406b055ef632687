"""What people are told about a task."""

from datetime import datetime

from tenuto.catalog.library.notify.audience import Message
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.workflows.human_task.state import TaskState

_MOST_DESCRIPTION = 5_000


def letter(request: TaskRequest, state: TaskState, task_id: str, *, what: str, why: str) -> Message:
    """A message about a task that waits; `what` is one of the words of webhooks (`opened`), `why`
    begins its subject."""
    due = _line("To be done by", state.opened_at + request.due if request.due else None)
    ends = _line("Ends by itself at", state.opened_at + request.expire if request.expire else None)
    lines = (
        request.title,
        request.description[:_MOST_DESCRIPTION],
        f"For {', '.join(state.candidates)}"
        + (f"; claimed by {state.assignee}." if state.assignee else "."),
        due + ends,
        f"Look at it: tenuto tasks show {task_id}",
    )
    return Message(
        subject=f"{why}: {request.title}",
        text="\n\n".join(line for line in lines if line),
        level="info" if what == "opened" else "warning",
        type=f"tenuto.task.{what}",
        data={
            "task_id": task_id,
            "kind": request.kind,
            "priority": request.priority,
            "candidates": list(state.candidates),
        },
    )


def _line(what: str, at: datetime | None) -> str:
    return f"{what} {at:%Y-%m-%d %H:%M} UTC. " if at else ""
