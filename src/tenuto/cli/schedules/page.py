"""One schedule, drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tenuto.cli.schedules.tables import said_owner, said_state
from tenuto.cli.schedules.zones import at, own_zone
from tenuto.cli.tables import block, heading, table
from tenuto.cli.times import counted, span, stamp
from tenuto.triggers.schedules.listing import LastRun
from tenuto.triggers.schedules.reading import ScheduleDetails

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

SHOWN_TIMES = 5


def draw_schedule(console: "Console", found: ScheduleDetails, url: str | None) -> None:
    """What it starts and when, its next times, its last runs, what it missed."""
    console.print(
        block(
            [
                ("schedule", found.schedule_id),
                ("starts", found.starts),
                ("when", "; ".join(found.times) or "never"),
                ("zone", found.time_zone),
                ("state", said_state(found.is_paused, found.note)),
                ("note", found.note or None if not found.is_paused else None),
                ("overlap", found.overlap),
                ("catch-up", f"within {span(found.catchup_window)}"),
                ("owner", said_owner(found.owner)),
                ("written in", found.source),
                ("applied by", found.applied_by),
                ("counts", _counts(found)),
                ("running", ", ".join(found.running) or None),
                ("problem", found.problem),
                ("page", url),
            ]
        )
    )
    draw_times(console, found.next_runs[:SHOWN_TIMES], found.time_zone)
    _draw_runs(console, found.recent_runs)
    if found.authored:
        console.print()
        console.print(heading("As written"))
        console.print(found.authored.rstrip())


def draw_times(
    console: "Console", moments: "Sequence[datetime]", zone: str, *, also: str | None = None
) -> None:
    """Each moment in the author's zone, and in `also`, or in this machine's."""
    console.print()
    if not moments:
        console.print("No more starts are due.")
        return
    yours = also or own_zone()
    drawn = table(f"NEXT RUNS ({zone})", also or "HERE")
    for each in moments:
        drawn.add_row(at(each, zone), at(each, yours))
    console.print(drawn)


def _draw_runs(console: "Console", runs: Sequence[LastRun]) -> None:
    console.print()
    if not runs:
        console.print("It has started no run lately.")
        return
    drawn = table("LAST RUNS", "DUE", "STATUS", folds="LAST RUNS")
    for run in runs:
        drawn.add_row(run.workflow_id, stamp(run.due_at), str(run.status or "started"))
    console.print(drawn)


def _counts(found: ScheduleDetails) -> str:
    parts = [
        f"{counted(found.started, 'run')} started",
        f"{counted(found.missed_catchup, 'start')} missed for too long",
        f"{counted(found.skipped_overlap, 'start')} skipped while a run was open",
    ]
    if found.buffered:
        parts.append(f"{counted(found.buffered, 'start')} waiting")
    return ", ".join(parts)
