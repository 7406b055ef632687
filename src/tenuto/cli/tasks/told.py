"""What is said after something was done to tasks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenuto.catalog.library.tasks.outcome import Standing
from tenuto.cli.output import Output
from tenuto.cli.tables import table
from tenuto.cli.tasks.plain import plain
from tenuto.triggers.tasks.bulk import Result

if TYPE_CHECKING:
    from rich.console import Console


def result_record(result: Result) -> dict[str, Any]:
    """What became of one task, for a program."""
    standing = result.standing
    return {
        "task_id": result.task_id,
        "state": standing.state if standing else None,
        "assignee": standing.assignee if standing else None,
        "approvals_missing": standing.approvals_missing if standing else None,
        "outcome": standing.outcome if standing else None,
        "error": result.error,
    }


def tell_standing(output: Output, task_id: str, standing: Standing) -> None:
    """What became of one task: a record for a program; for a person a remark, as it is no data."""
    if output.is_json:
        output.record(result_record(Result(task_id=task_id, standing=standing)), lambda _: None)
    else:
        output.note(f"{plain(task_id)}: {sentence(standing)}.")


def sentence(standing: Standing) -> str:
    """`approved`, `open, 1 more has to approve`, `claimed by u:ann`."""
    if standing.outcome is not None:
        return standing.state
    by = f" by {plain(standing.assignee)}" if standing.assignee else ""
    missing = standing.approvals_missing
    waits = f", {missing} more {'has' if missing == 1 else 'have'} to approve" if missing else ""
    return f"{standing.state}{by}{waits}"


def draw_results(console: "Console", results: Sequence[Result]) -> None:
    """One line per task."""
    drawn = table("Task", "", folds=("Task", ""))
    for each in results:
        if each.standing is not None:
            drawn.add_row(plain(each.task_id), f"✓ {sentence(each.standing)}")
        elif each.error is not None:
            drawn.add_row(plain(each.task_id), f"✗ {plain(each.error.message)} [{each.error.code}]")
    console.print(drawn)
