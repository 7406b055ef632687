"""Schedules as a table, and as records for programs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenuto.cli.schedules.zones import at
from tenuto.cli.tables import table
from tenuto.cli.times import ago
from tenuto.triggers.schedules.listing import LastRun, ScheduleSummary
from tenuto.triggers.schedules.mark import Owner

if TYPE_CHECKING:
    from rich.console import Console

_MOST_NOTE = 40


def schedule_record(row: ScheduleSummary) -> dict[str, Any]:
    """A row for a program: everything that the listing knows."""
    return row.model_dump(mode="json")


def draw_schedules(console: "Console", rows: Sequence[ScheduleSummary]) -> None:
    """One line each; how a schedule stands is said in words, not in colours."""
    if not rows:
        return
    drawn = table(
        *("SCHEDULE", "STARTS", "WHEN", "ZONE", "STATE", "NEXT RUN", "LAST RUN", "OWNER"),
        folds=("SCHEDULE", "WHEN", "STATE"),
    )
    for row in rows:
        drawn.add_row(
            row.schedule_id,
            row.starts,
            "; ".join(row.times) or "never",
            row.time_zone,
            said_state(row.is_paused, row.note),
            at(row.next_run, row.time_zone) if row.next_run else "none",
            said_run(row.last_run),
            said_owner(row.owner),
        )
    console.print(drawn)


def said_state(is_paused: bool, note: str) -> str:
    """`active`, or `paused: month end`."""
    if not is_paused:
        return "active"
    short = note if len(note) <= _MOST_NOTE else f"{note[: _MOST_NOTE - 1]}…"
    return f"paused: {short}" if short else "paused"


def said_run(run: LastRun | None) -> str:
    """`completed 2 h ago`."""
    if run is None:
        return "never"
    return f"{run.status or 'started'} {ago(run.started_at)}"


def said_owner(owner: Owner) -> str:
    """Who answers for it."""
    if owner.kind == "file":
        return owner.name or "this project"
    return f"definition {owner.name}" if owner.kind == "definition" else "not Tenuto"
