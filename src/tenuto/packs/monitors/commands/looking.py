"""`tenuto monitor list`, `show`, and `history`: what there is, and what it found."""

from shlex import quote
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.packs.monitors.commands.options import asked, monitor_argument

if TYPE_CHECKING:
    from tenuto.packs.monitors.history import ExecutionRecord
    from tenuto.packs.monitors.keeping import Kept
    from tenuto.packs.monitors.operations import Monitors


@click.command("list")
@click.option("--owner", metavar="WHO", help="Only those of u:... (by default of everybody).")
@data_options
@click.pass_obj
def listing(output: Output, owner: str | None) -> None:
    """List monitors: their state, when they look next, how the last check ended."""
    from tenuto.packs.monitors.commands.pages import draw_rows

    rows = asked(lambda monitors: monitors.all(owner=owner))
    output.records([row.model_dump(mode="json") for row in rows], lambda c: draw_rows(c, rows))
    if not rows and owner:
        output.note(f"{owner} has no monitors.")
    elif not rows:
        output.note(
            "No monitors. `tenuto monitor templates` has some to begin with,"
            " `tenuto monitor create --help` shows how."
        )


@click.command("show")
@monitor_argument
@data_options
@click.pass_obj
def show(output: Output, monitor_ref: str) -> None:
    """Show MONITOR as it was written, its state, its next five checks, and what it found last."""
    from tenuto.packs.monitors.commands.pages import draw_monitor, record_of

    async def shown(monitors: "Monitors") -> "tuple[Kept, ExecutionRecord | None]":
        kept = await monitors.find(monitor_ref)
        checks = await monitors.history(kept.monitor.id, limit=1)
        return kept, checks[0] if checks else None

    kept, last = asked(shown)
    record = {**record_of(kept), "last_check": last.model_dump(mode="json") if last else None}
    output.record(record, lambda console: draw_monitor(console, kept, last))


@click.command("history")
@monitor_argument
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@data_options
@click.pass_obj
def history(output: Output, monitor_ref: str, limit: int) -> None:
    """List the checks of MONITOR, failed ones included, newest first; what each found and told."""
    from tenuto.packs.monitors.commands.pages import draw_checks

    checks = asked(lambda monitors: monitors.history(monitor_ref, limit=limit))
    output.records(
        [each.model_dump(mode="json") for each in checks],
        lambda console: draw_checks(console, checks),
    )
    if not checks:
        output.note(f"No check yet. `tenuto monitor run {quote(monitor_ref)}` makes one now.")
