"""`tenuto schedule backfill`."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.cli.schedules.zones import Moment

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.triggers.schedules.backfilling import Backfill


@click.command("backfill")
@click.argument("schedule_id", metavar="ID")
@click.option("--from", "start", type=Moment(), required=True, help="Included.")
@click.option("--to", "end", type=Moment(), required=True, help="Included.")
@click.option("--most", type=click.IntRange(1, 1000), default=100, show_default=True)
@click.option(
    "--overlap",
    default="bufferAll",
    show_default=True,
    metavar="POLICY",
    help="bufferAll: one run after the other; allowAll: all at once.",
)
@click.option("--dry-run", is_flag=True, help="Show the times and start nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_options
@click.pass_obj
def command(
    output: Output,
    schedule_id: str,
    start: datetime,
    end: datetime,
    most: int,
    overlap: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Start the runs that were due from one moment to another, which has passed.

    Moments without an offset are by the clock of the schedule's author. A moment whose run is
    still open is not started again; one whose run has ended is.
    """
    import asyncio

    asyncio.run(_backfill(output, schedule_id, (start, end), most, overlap, dry_run, yes))


async def _backfill(
    output: Output,
    schedule_id: str,
    span: tuple[datetime, datetime],
    most: int,
    overlap: str,
    dry_run: bool,
    yes: bool,
) -> None:
    from tenuto.cli.schedules.zones import in_zone
    from tenuto.cli.session import open_session
    from tenuto.triggers.schedules.backfilling import plan_backfill, start_backfill
    from tenuto.triggers.schedules.reading import read_schedule, zone_of
    from tenuto.triggers.schedules.switching import of_named

    session = await open_session()
    client, gate = session.client, session.gate
    await gate.authorize("schedule:read", of_named(schedule_id))
    zone = zone_of((await read_schedule(client, schedule_id)).schedule.spec)
    start, end = (in_zone(each, zone) for each in span)
    wanted = await plan_backfill(gate, client, schedule_id, start, end, overlap=overlap, most=most)
    if not dry_run and wanted.times:
        if not yes:
            _confirm(wanted)
        await start_backfill(gate, client, wanted)
    _print(output, wanted, dry_run)


def _confirm(wanted: "Backfill") -> None:
    from tenuto.cli.schedules.zones import at
    from tenuto.cli.times import counted

    first, last = (at(wanted.times[which], wanted.time_zone) for which in (0, -1))
    click.confirm(
        f"Start {counted(len(wanted.times), 'run')} of `{wanted.schedule_id}`, due from {first} to"
        f" {last}, by `{wanted.overlap}`?",
        abort=True,
        err=True,
    )


def _print(output: Output, wanted: "Backfill", dry_run: bool) -> None:
    from tenuto.cli.schedules.zones import at
    from tenuto.cli.times import counted

    def show(console: "Console") -> None:
        for each in wanted.times:
            console.print(at(each, wanted.time_zone))

    is_started = bool(wanted.times) and not dry_run
    output.record({**wanted.model_dump(mode="json"), "started": is_started}, show)
    number = counted(len(wanted.times), "run")
    if not wanted.times:
        output.note("Nothing was due in that time.")
    elif dry_run:
        output.note(f"{number} would be started; nothing was.")
    else:
        output.note(f"{number} asked for. See them: tenuto schedule show {wanted.schedule_id}")
