"""Tasks as records and as a table."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.text import Text

from tenuto.catalog.library.tasks.outcome import CLOSED, TaskView
from tenuto.catalog.library.tasks.request import Amount
from tenuto.cli.tables import table
from tenuto.cli.tasks.plain import plain
from tenuto.cli.times import coarse
from tenuto.triggers.tasks.inbox import TaskRow

if TYPE_CHECKING:
    from rich.console import Console

_LOOKS = {
    "open": ("○", "cyan"),
    "claimed": ("◐", "cyan"),
    "approved": ("✓", "green"),
    "answered": ("✓", "green"),
    "rejected": ("✗", "red"),
    "expired": ("■", "yellow"),
    "cancelled": ("■", "yellow"),
}
"""State -> shape and colour: it is told by shape, word, and colour."""


def row_record(row: TaskRow) -> dict[str, Any]:
    """A row as a program reads it."""
    task, request = row.task, row.task.request
    return {
        "task_id": task.task_id,
        "title": request.title,
        "kind": request.kind,
        "subject": request.subject,
        "state": task.state,
        "assignee": task.assignee,
        "candidates": task.candidates,
        "requester": request.requester,
        "root": task.root,
        "priority": request.priority,
        "risk": request.risk,
        "amount": request.amount,
        "seen": request.seen,
        "approvals_missing": task.approvals_missing,
        "opened_at": task.opened_at,
        "due_at": task.due_at,
        "expires_at": task.expires_at,
        "is_overdue": is_overdue(task),
        "may_decide": row.obstacle is None,
        "obstacle": row.obstacle,
        "is_live": row.is_live,
    }


def draw_inbox(console: "Console", rows: Sequence[TaskRow]) -> None:
    """One line per task; its id is whole, so that it can be copied."""
    has_amount = any(row.task.request.amount for row in rows)
    more = ["Amount"] if has_amount else []
    drawn = table("Task", "What", *more, "Due", "State", folds=("Task", "What"), right=more)
    for row in rows:
        cells: list[Any] = [plain(row.task.task_id), plain(row.task.request.title)]
        cells += [amount_text(row.task.request.amount)] if has_amount else []
        drawn.add_row(*cells, due_text(row.task), standing_text(row))
    console.print(drawn)


def state_text(task: TaskView) -> Text:
    """The state as shape, word, and colour."""
    shape, style = _LOOKS[task.state]
    by = f" by {plain(task.assignee)}" if task.state == "claimed" and task.assignee else ""
    return Text(f"{shape} {task.state}{by}", style=style)


def standing_text(row: TaskRow) -> Text:
    """The state, and why whoever asks cannot decide."""
    text = state_text(row.task)
    is_told = row.task.state in CLOSED or (row.task.state == "claimed" and row.task.assignee)
    if row.obstacle and not is_told:
        text.append(f" · {row.obstacle}", style="dim")
    return text


def due_text(task: TaskView) -> Text:
    """`in 3 h`, `2 d late` in red; nothing where it has no due date or has ended."""
    if task.due_at is None or task.state in CLOSED:
        return Text("")
    left = task.due_at - datetime.now(UTC)
    if is_overdue(task):
        return Text(f"{coarse(-left)} late", style="red")
    return Text(f"in {coarse(left)}")


def amount_text(amount: Amount | None) -> str:
    """`1,250,000.00 EUR`."""
    return f"{amount.value:,f} {amount.currency}" if amount else ""


def is_overdue(task: TaskView) -> bool:
    """Whether it is open after it should have been done."""
    return task.state not in CLOSED and task.due_at is not None and task.due_at < datetime.now(UTC)
