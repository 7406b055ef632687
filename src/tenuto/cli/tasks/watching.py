"""What changed between two looks at an inbox."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import click

from tenuto.cli.output import Output, to_json
from tenuto.cli.tasks.plain import plain
from tenuto.cli.tasks.tables import row_record, standing_text
from tenuto.triggers.tasks.inbox import TaskRow


class Change(NamedTuple):
    """A task came, changed where it stands, or went."""

    what: Literal["waits", "changed", "gone"]
    row: TaskRow
    """As it is; of one that is gone, as it was last seen."""


class Watch:
    """Remembers the rows of the last look."""

    def __init__(self) -> None:
        self._known: dict[str, TaskRow] = {}

    def changes(self, rows: Iterable[TaskRow]) -> Iterator[Change]:
        """What is different from the last look, in the order of `rows`, what is gone at the end."""
        now = {row.task.task_id: row for row in rows}
        before, self._known = self._known, now
        for task_id, row in now.items():
            if task_id not in before:
                yield Change("waits", row)
            elif _stands(row) != _stands(before[task_id]):
                yield Change("changed", row)
        for task_id, row in before.items():
            if task_id not in now:
                yield Change("gone", row)


def tell(output: Output, change: Change) -> None:
    """One line on stdout."""
    row = change.row
    if output.is_json:
        click.echo(to_json({"what": change.what, **row_record(row)}))
        return
    state = "" if change.what == "gone" else f"  {standing_text(row)}"
    title = plain(row.task.request.title)
    click.echo(f"{change.what:<7}  {plain(row.task.task_id)}  {title}{state}")


def _stands(row: TaskRow) -> tuple[object, ...]:
    task = row.task
    return (task.state, task.assignee, task.approvals_missing, task.candidates, row.obstacle)
