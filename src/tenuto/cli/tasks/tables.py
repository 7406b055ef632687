"""Tasks as records and as a table."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from tenuto.catalog.library.tasks.outcome import CLOSED, TaskView
from tenuto.catalog.library.tasks.request import Amount
from tenuto.cli.tables import table
from tenuto.cli.tasks.plain import plain
from tenuto.cli.times import about, coarse
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
    """One line per task; where that does not fit, what belongs to a task stands below it. Its id
    is whole in both, so that it can be copied."""
    cells = {name: [cell(row) for row in rows] for name, cell in _COLUMNS.items()}
    cells = {name: texts for name, texts in cells.items() if any(texts)}
    widths = [max(len(name), *map(len, texts)) for name, texts in cells.items() if name != "What"]
    if sum(widths) + 2 * len(widths) + _NARROWEST > console.width:
        _draw_stacked(console, rows)
        return
    right = [name for name in ("Amount", "Age") if name in cells]
    drawn = table(*cells, folds="What", right=right)
    for line in zip(*cells.values(), strict=True):
        drawn.add_row(*line)
    console.print(drawn)


def _draw_stacked(console: "Console", rows: Sequence[TaskRow]) -> None:
    for row in rows:
        task = row.task
        console.print(Text(plain(task.task_id), style="bold"), soft_wrap=True)
        console.print(Padding(plain(task.request.title), (0, 0, 0, 2)))
        facts = [Text(amount_text(task.request.amount)), due_text(task), standing_text(row)]
        if facts[1]:
            facts[1] = Text.assemble("due ", facts[1])
        line = Text(" · ").join(fact for fact in facts if fact)
        console.print(Padding(line, (0, 0, 0, 2)))


def state_text(task: TaskView) -> Text:
    """The state as shape, word, and colour; how many have approved, where several must."""
    shape, style = _LOOKS[task.state]
    by = task.assignee if task.state == "claimed" else task.outcome.by if task.outcome else None
    text = Text(f"{shape} {task.state}{f' by {plain(by)}' if by else ''}", style=style)
    need = task.request.need
    if task.state not in CLOSED and need > 1:
        text.append(f", {need - task.approvals_missing} of {need} approved")
    return text


def standing_text(row: TaskRow) -> Text:
    """The state, and why whoever asks cannot decide."""
    text = state_text(row.task)
    is_told = row.task.state in CLOSED or (row.task.state == "claimed" and row.task.assignee)
    if row.obstacle and not is_told:
        text.append(f" · {row.obstacle}", style="dim")
    return text


def due_text(task: TaskView) -> Text:
    """`in 3 h 50 min`, `2 d late` in red; nothing where it has no due date or has ended."""
    if task.due_at is None or task.state in CLOSED:
        return Text("")
    left = task.due_at - datetime.now(UTC)
    if is_overdue(task):
        return Text(f"{coarse(-left)} late", style="red")
    return Text(f"in {about(left)}")


def amount_text(amount: Amount | None) -> str:
    """`1,250,000.00 EUR`."""
    return f"{amount.value:,f} {amount.currency}" if amount else ""


def is_overdue(task: TaskView) -> bool:
    """Whether it is open after it should have been done."""
    return task.state not in CLOSED and task.due_at is not None and task.due_at < datetime.now(UTC)


def _age(row: TaskRow) -> str:
    return coarse(max(datetime.now(UTC) - row.task.opened_at, timedelta()))


_COLUMNS: dict[str, Callable[[TaskRow], Any]] = {
    "Task": lambda row: plain(row.task.task_id),
    "What": lambda row: plain(row.task.request.title),
    "Amount": lambda row: amount_text(row.task.request.amount),
    "Age": _age,
    "Due": lambda row: due_text(row.task),
    "State": standing_text,
}
"""Heading -> cell. A column in which nothing stands is left out."""
_NARROWEST = 24
"""Letters of a title that are worth a column."""
