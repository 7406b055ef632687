"""One decision on one task or on many: look, confirm what was looked at, send, tell."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from pydantic import JsonValue

from tenuto.catalog.library.tasks.messages import Decide
from tenuto.catalog.library.tasks.outcome import Standing, TaskView, closed
from tenuto.catalog.library.tasks.request import Action
from tenuto.cli import exit_codes
from tenuto.cli.output import Output
from tenuto.cli.tasks.desk import Desk
from tenuto.cli.tasks.page import draw_summary
from tenuto.cli.tasks.tables import draw_inbox
from tenuto.cli.tasks.told import tell_results, tell_standing, vote_word
from tenuto.cli.tasks.typed_form import read_form
from tenuto.core.errors import TenutoError, UsageError
from tenuto.triggers.tasks.bulk import Result, to_each
from tenuto.triggers.tasks.inbox import TaskRow
from tenuto.triggers.tasks.looking import seen_for

VERBS: Final[dict[Action, str]] = {
    "approve": "approve",
    "edit": "edit",
    "reject": "reject",
    "respond": "answer",
}
"""Decision -> the command that takes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """A decision as it was typed."""

    decision: Action
    comment: str
    fields: Sequence[str]
    form: Path | None
    seen: str | None
    is_sure: bool
    """`--yes`: whatever stands there now counts as looked at, and nothing is asked."""


async def decide_all(output: Output, desk: Desk, names: Sequence[str], typed: Typed) -> int:
    """Decides each task and tells what became of it; the exit code. One that fails stops none of
    the others."""
    if len(set(names)) > 1 and typed.seen is not None:
        raise UsageError(
            "`--seen` names the content of one task; give one TASK with it.",
            code="task.seen-of-many",
        )
    if len(set(names)) == 1 and not output.is_json:
        return await _decide_one(output, desk, names[0], typed)
    shown: dict[str, TaskRow] = {}
    if _asks(output, typed):
        shown, names = await _confirmed(output, desk, names, typed.decision)

    async def act(task_id: str) -> Standing:
        row = shown.get(task_id) or await desk.look(task_id)
        return await _decide(output, desk, row, typed, was_shown=task_id in shown)

    progress = _Progress(output, len(set(names)))
    results = await to_each(names, desk.resolve, act, progress.one_more)
    tell_results(output, typed.decision, results)
    return exit_codes.FAILED if any(each.error for each in results) else exit_codes.OK


async def _decide_one(output: Output, desk: Desk, name: str, typed: Typed) -> int:
    row = await desk.look(await desk.resolve(name))
    _refuse_unfit(row.task, typed)
    was_shown = _asks(output, typed)
    if was_shown:
        output.draw(lambda console: draw_summary(console, row), stderr=True)
        click.confirm(f"\n{VERBS[typed.decision].capitalize()} this?", abort=True, err=True)
    standing = await _decide(output, desk, row, typed, was_shown=was_shown)
    tell_standing(output, row.task.task_id, standing, vote_word(typed.decision, standing))
    return exit_codes.OK


async def _decide(
    output: Output, desk: Desk, row: TaskRow, typed: Typed, *, was_shown: bool
) -> Standing:
    task = row.task
    _refuse_unfit(task, typed)
    seen = seen_for(task, typed.seen, was_shown=was_shown or typed.is_sure)
    if seen and not was_shown and typed.seen is None:
        output.note(f"{task.task_id}: deciding on {seen}.")
    message = Decide(
        decision=typed.decision,
        comment=typed.comment,
        form=_form(task, typed),
        seen=seen,
    )
    return await desk.tell(task.task_id, message)


def _refuse_unfit(task: TaskView, typed: Typed) -> None:
    """Raises for what cannot be taken whatever the person answers, so that nobody is asked first:
    UsageError `task.closed`, `task.unknown-action`, and as `read_form` does."""
    if task.outcome is not None:
        raise closed(task.outcome)
    actions = task.request.actions
    if typed.decision not in actions:
        valid = ", ".join(f"`{VERBS[each]}`" for each in actions)
        raise UsageError(
            f"`{task.task_id}` takes no `{VERBS[typed.decision]}`; it takes {valid}.",
            code="task.unknown-action",
            details={"valid": list(actions)},
        )
    _form(task, typed)


def _form(task: TaskView, typed: Typed) -> dict[str, JsonValue] | None:
    """A rejection needs no data, so that its form is not asked for."""
    has_form = bool(typed.fields or typed.form)
    if typed.decision == "reject" and not has_form:
        return None
    is_free = typed.decision == "edit" and task.request.form is None
    return read_form(task.request.form, typed.fields, typed.form, is_free=is_free)


async def _confirmed(
    output: Output, desk: Desk, names: Sequence[str], decision: Action
) -> tuple[dict[str, TaskRow], list[str]]:
    """Every task that was named, shown in a table and confirmed; and all that was named. What
    cannot be shown stays a name: it gets its result with the others."""
    rows: dict[str, TaskRow] = {}
    left: dict[str, None] = {}
    for name in names:
        try:
            row = await desk.look(await desk.resolve(name))
        except TenutoError:
            left[name] = None
        else:
            rows[row.task.task_id] = row
            left[row.task.task_id] = None
    if rows:
        output.draw(lambda console: draw_inbox(console, list(rows.values())), stderr=True)
        click.confirm(f"\n{VERBS[decision].capitalize()} these {len(rows)}?", abort=True, err=True)
    return rows, list(left)


def _asks(output: Output, typed: Typed) -> bool:
    """Whether a person sits there who can be shown something, on stderr, and asked."""
    is_told = typed.is_sure or typed.seen or output.is_json
    return not is_told and sys.stdin.isatty() and sys.stderr.isatty()


class _Progress:
    """Counts what is done, where somebody watches."""

    def __init__(self, output: Output, total: int) -> None:
        self._output, self._total, self._done = output, total, 0

    def one_more(self, result: Result) -> None:
        self._done += 1
        if self._output.is_animated:
            click.echo(f"\r{self._done} of {self._total}", nl=self._done == self._total, err=True)
