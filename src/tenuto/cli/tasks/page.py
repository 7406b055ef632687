"""One task on one page: what is asked, of whom, on what evidence, and what happened so far."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from tenuto.catalog.library.definitions.approval import Link
from tenuto.catalog.library.tasks.outcome import CLOSED, Happening, TaskView
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.cli.outline import outlined
from tenuto.cli.references import size
from tenuto.cli.tables import block, heading, table
from tenuto.cli.tasks.plain import plain, plain_text, plain_value
from tenuto.cli.tasks.tables import amount_text, due_text, state_text
from tenuto.cli.times import ago, span, stamp
from tenuto.core.references import Dataset, Document
from tenuto.triggers.tasks.inbox import TaskRow

if TYPE_CHECKING:
    from rich.console import Console

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,120}")
_LATEST = 10


def page_record(row: TaskRow) -> dict[str, Any]:
    """The page for a program."""
    return {
        **row.task.model_dump(mode="json"),
        "may_decide": row.obstacle is None,
        "obstacle": row.obstacle,
        "is_live": row.is_live,
    }


def draw_page(console: "Console", row: TaskRow) -> None:
    """The page for a person."""
    draw_summary(console, row)
    request = row.task.request
    _draw_votes(console, row.task)
    _draw_ladder(console, request)
    _draw_happenings(console, row.task.happenings[-_LATEST:])
    _draw_next(console, row)


def draw_summary(console: "Console", row: TaskRow) -> None:
    """What one has to see before deciding: a screen, in most cases."""
    task, request = row.task, row.task.request
    console.print(heading(plain(request.title)), soft_wrap=True)
    console.print(block(_header(row)))
    if request.description:
        console.print()
        console.print(plain_text(request.description))
    if request.shown:
        _section(console, "Shown", plain_text(outlined(plain_value(request.shown))))
    _draw_documents(console, "Evidence", request.evidence)
    _draw_documents(console, "Attachments", task.attachments)
    _draw_form(console, request)
    if not row.is_live:
        console.print()
        text = "No worker answers for it now: votes and comments are not shown."
        console.print(Text(f"! {text}", style="yellow"))


def _header(row: TaskRow) -> list[tuple[str, Any]]:
    task, request = row.task, row.task.request
    votes = f"{request.need} to approve, {task.approvals_missing} missing; {request.veto} to reject"
    due = stamp(task.due_at) if task.due_at else None
    return [
        ("task", plain(task.task_id)),
        ("state", state_text(task)),
        ("you", _you(row)),
        ("kind", plain(request.kind)),
        ("subject", plain(request.subject) or None),
        ("amount", amount_text(request.amount) or None),
        ("risk", f"{request.risk} of 10" if request.risk else None),
        ("asked by", plain(request.requester) if request.requester else None),
        ("prepared by", _names(request.preparers)),
        ("for the run", plain(task.root)),
        ("may decide", _names(task.candidates)),
        ("may not", _names(task.excluded)),
        ("votes", votes if request.need > 1 or request.veto > 1 else None),
        ("opened", f"{stamp(task.opened_at)} ({ago(task.opened_at)})"),
        ("due", Text.assemble(due, " ", due_text(task)) if due else None),
        ("expires", _expiry(task)),
        ("seen", request.seen),
    ]


def _you(row: TaskRow) -> str | None:
    if row.task.state in CLOSED:
        return None
    return "may decide" if row.obstacle is None else f"cannot decide: {row.obstacle}"


def _expiry(task: TaskView) -> str | None:
    if task.expires_at is None:
        return None
    return f"{stamp(task.expires_at)}, then: {task.request.on_expiry}"


def _draw_documents(
    console: "Console", title: str, documents: Iterable[Document | Dataset | Link]
) -> None:
    lines = [_document_line(each) for each in documents]
    if lines:
        _section(console, title, Text("\n".join(lines)))


def _document_line(each: Document | Dataset | Link) -> str:
    name = plain(each.name)
    if isinstance(each, Link):
        return f"{name or 'link'}: {plain(each.uri)}"
    rows = f", {each.rows:,} rows" if isinstance(each, Dataset) else ""
    # A name is somebody's text, and this line is copied into a shell.
    target = f" {each.name}" if _SAFE_NAME.fullmatch(each.name) else ""
    return f"{name or 'file'} ({size(each.bytes)}{rows}): tenuto artifacts get {each.uri}{target}"


def _draw_form(console: "Console", request: TaskRequest) -> None:
    properties = (request.form or {}).get("properties")
    if not isinstance(properties, dict) or not properties:
        return
    named = (request.form or {}).get("required")
    required = named if isinstance(named, list) else []
    grid = table("Field", "Type", "", folds="")
    for name, told in properties.items():
        known = told if isinstance(told, dict) else {}
        kind = plain(str(known.get("type", "any")))
        values = known.get("enum")
        kind = " | ".join(plain(str(each)) for each in values) if isinstance(values, list) else kind
        about = plain(str(known.get("description") or known.get("title") or ""))
        grid.add_row(plain(name) + ("*" if name in required else ""), kind, about)
    _section(console, "Form (* needed)", grid)


def _draw_votes(console: "Console", task: TaskView) -> None:
    if not task.votes:
        return
    grid = table("By", "Decision", "At", "Comment", folds="Comment")
    for vote in task.votes:
        grid.add_row(plain(vote.by), vote.decision, stamp(vote.at), plain(vote.comment))
    _section(console, "Votes", grid)


def _draw_ladder(console: "Console", request: TaskRequest) -> None:
    steps = [(after, "remind whoever is to decide") for after in request.remind]
    steps += [(rung.after, f"also ask {_names(rung.to)}") for rung in request.escalate]
    if request.expire:
        steps.append((request.expire, f"expire: {request.on_expiry}"))
    if steps:
        lines = [f"after {span(after)}  {what}" for after, what in sorted(steps)]
        _section(console, "While nobody decides", Text("\n".join(lines)))


def _draw_happenings(console: "Console", happenings: Iterable[Happening]) -> None:
    grid = table("When", "What", "By", "", folds="")
    for each in happenings:
        grid.add_row(ago(each.at), plain(each.what), plain(each.by or ""), plain(each.text))
    if grid.row_count:
        _section(console, "Lately", grid)


def _draw_next(console: "Console", row: TaskRow) -> None:
    if row.obstacle is not None:
        return
    verbs = {"respond": "answer"}
    words = " | ".join(verbs.get(each, each) for each in row.task.request.actions)
    console.print()
    console.print(Text(f"→ tenuto tasks {words} {plain(row.task.task_id)}", style="cyan"))


def _section(console: "Console", title: str, body: Any) -> None:
    console.print()
    console.print(heading(title))
    console.print(Padding(body, (0, 0, 0, 2)))


def _names(names: Iterable[str]) -> str | None:
    return ", ".join(map(plain, names)) or None
