"""What is said after something was done to tasks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from tenuto.catalog.library.tasks.outcome import Standing
from tenuto.catalog.library.tasks.request import Action
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


def tell_standing(output: Output, task_id: str, standing: Standing, did: str = "") -> None:
    """What became of one task: a record for a program; for a person a remark, as it is no data.

    `did` is what was done, for a message after which a task stands as before.
    """
    if output.is_json:
        output.record(result_record(Result(task_id=task_id, standing=standing)), lambda _: None)
    else:
        done = f"{did}; " if did else ""
        output.note(f"{plain(task_id)}: {done}{sentence(standing)}.")


def vote_word(decision: Action, standing: Standing) -> str:
    """What whoever decided is told where others still have to: that the own vote counts."""
    if standing.outcome is not None:
        return ""
    return "your rejection is recorded" if decision == "reject" else "your approval is recorded"


def sentence(standing: Standing) -> str:
    """`approved`, `open, 1 more has to approve`, `claimed by u:ann`."""
    if standing.outcome is not None:
        return standing.state
    by = f" by {plain(standing.assignee)}" if standing.assignee else ""
    missing = standing.approvals_missing
    waits = f", {missing} more {'has' if missing == 1 else 'have'} to approve" if missing else ""
    return f"{standing.state}{by}{waits}"


def doer(what: str, by: str | None) -> str:
    """Who did it; `nobody` for a decision that the end of the time made."""
    if by is None and what in ("approved", "rejected"):
        return "nobody"
    return plain(by or "")


def tell_results(output: Output, decision: Action, results: Sequence[Result]) -> None:
    """One result per task, and how many of them were taken."""

    def draw(console: "Console") -> None:
        drawn = table("Task", "Result", folds=("Task", "Result"))
        for each in results:
            drawn.add_row(plain(each.task_id), _result(decision, each))
        console.print(drawn)

    output.records(map(result_record, results), draw)
    taken = sum(each.error is None for each in results)
    if taken < len(results):
        output.note(f"{taken} of {len(results)} taken; what was not is told above.")


def _result(decision: Action, result: Result) -> Text:
    if result.standing is None:
        error = result.error
        return Text(f"✗ {plain(error.message)} [{error.code}]" if error else "", style="red")
    vote = vote_word(decision, result.standing)
    return Text(f"✓ {f'{vote}; ' if vote else ''}{sentence(result.standing)}", style="green")
