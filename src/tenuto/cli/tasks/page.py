"""One task on one page: what is asked, of whom, on what evidence, and what happened so far."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue
from rich.padding import Padding
from rich.text import Text

from tenuto.catalog.library.definitions.approval import Link
from tenuto.catalog.library.tasks.outcome import CLOSED, Happening, TaskView
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.cli.outline import outlined
from tenuto.cli.references import size
from tenuto.cli.tables import block, heading, table
from tenuto.cli.tasks.form_page import form_table, typed_fields
from tenuto.cli.tasks.plain import plain, plain_text, plain_value
from tenuto.cli.tasks.tables import amount_text, due_text, state_text
from tenuto.cli.tasks.told import doer
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
    if row.task.state not in CLOSED:
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
        ("votes", _votes_wanted(task)),
        ("opened", f"{stamp(task.opened_at)} ({ago(task.opened_at)})"),
        ("due", _due(task)),
        ("expires", _expiry(task)),
        ("ended", _end(task)),
        ("seen", request.seen),
    ]


def _you(row: TaskRow) -> str | None:
    if row.task.state in CLOSED:
        return None
    return "may decide" if row.obstacle is None else f"cannot decide: {row.obstacle}"


def _votes_wanted(task: TaskView) -> str | None:
    request = task.request
    if task.state in CLOSED or (request.need == 1 and request.veto == 1):
        return None
    return f"{request.need} to approve, {task.approvals_missing} missing; {request.veto} to reject"


def _due(task: TaskView) -> Text | None:
    if task.due_at is None:
        return None
    left = due_text(task)
    return Text.assemble(stamp(task.due_at), " (", left, ")") if left else Text(stamp(task.due_at))


def _expiry(task: TaskView) -> str | None:
    if task.expires_at is None or task.state in CLOSED:
        return None
    return f"{stamp(task.expires_at)}, then: {task.request.on_expiry}"


def _end(task: TaskView) -> str | None:
    outcome = task.outcome
    if outcome is None:
        return None
    by = f" by {plain(outcome.by)}" if outcome.by else ", nobody decided in time"
    by = "" if outcome.by is None and outcome.state == "cancelled" else by
    return f"{stamp(outcome.at)} ({ago(outcome.at)}){by}"


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
    grid = form_table(request.form)
    if grid is not None:
        _section(console, "Form (* needed)", grid)


def _draw_votes(console: "Console", task: TaskView) -> None:
    """What was typed into the form belongs to a vote: two who agree may have typed two things."""
    if not task.votes:
        return
    forms = ["Form"] if any(vote.form for vote in task.votes) else []
    grid = table("By", "Decision", "At", *forms, "Comment", folds=("Form", "Comment"))
    for vote in task.votes:
        cells = [plain(vote.by), vote.decision, stamp(vote.at)]
        cells += [_typed(vote.form)] if forms else []
        grid.add_row(*cells, plain(vote.comment))
    _section(console, "Votes", grid)


def _typed(form: Mapping[str, JsonValue] | None) -> str:
    shown = {plain(name): plain_value(value) for name, value in (form or {}).items()}
    return "\n".join(f"{name}: {_one_value(value)}" for name, value in shown.items())


def _one_value(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
        by = doer(each.what, each.by)
        grid.add_row(ago(each.at), plain(each.what), by, plain(each.text))
    if grid.row_count:
        _section(console, "Lately", grid)


def _draw_next(console: "Console", row: TaskRow) -> None:
    """One command for each thing that may be decided, with what it needs."""
    if row.obstacle is not None:
        return
    task_id, fields = shlex.quote(plain(row.task.task_id)), typed_fields(row.task.request.form)
    commands = {
        "approve": f"approve {task_id}{fields}",
        "edit": f"edit {task_id}{fields or ' -f FIELD=VALUE'}",
        "reject": f"reject {task_id} -m WHY",
        "respond": f"answer {task_id} -m ANSWER{fields}",
    }
    console.print()
    for action in row.task.request.actions:
        console.print(Text(f"→ tenuto tasks {commands[action]}", style="cyan"), soft_wrap=True)


def _section(console: "Console", title: str, body: Any) -> None:
    console.print()
    console.print(heading(title))
    console.print(Padding(body, (0, 0, 0, 2)))


def _names(names: Iterable[str]) -> str | None:
    return ", ".join(map(plain, names)) or None
