"""`tenuto schedule next`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.cli.schedules.zones import Zone

if TYPE_CHECKING:
    from temporalio.client import ScheduleSpec


@click.command("next")
@click.argument("schedule_id", metavar="ID")
@click.option("--count", type=click.IntRange(1, 1000), default=5, show_default=True)
@click.option("--zone", type=Zone(), help="Show times in this zone, too, in place of yours.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, exists=True),
    help="Read ID from this file, before it is applied; needs no server.",
)
@data_options
@click.pass_obj
def command(
    output: Output, schedule_id: str, count: int, zone: str | None, file: str | None
) -> None:
    """Tell when schedule ID starts runs next, whether or not it is paused.

    Times are told without jitter, which delays each of them, and where clocks change as the
    server does: an hour that is left out has no starts, a repeated hour has them twice.
    """
    import asyncio

    spec = _written(file, schedule_id) if file else asyncio.run(_applied(schedule_id))
    _print(output, schedule_id, spec, count, zone)


def _written(file: str, schedule_id: str) -> "ScheduleSpec":
    from pathlib import Path

    from tenuto.cli.schedules.not_yet_applied import written_start
    from tenuto.triggers.schedules.spec import spec_of

    return spec_of(written_start(Path(file), schedule_id).when)


async def _applied(schedule_id: str) -> "ScheduleSpec":
    from tenuto.cli.session import open_session
    from tenuto.triggers.schedules.reading import read_schedule
    from tenuto.triggers.schedules.switching import of_named

    session = await open_session()
    await session.gate.authorize("schedule:read", of_named(schedule_id))
    return (await read_schedule(session.client, schedule_id)).schedule.spec


def _print(
    output: Output, schedule_id: str, spec: "ScheduleSpec", count: int, zone: str | None
) -> None:
    from datetime import UTC, datetime

    from tenuto.cli.schedules.page import draw_times
    from tenuto.triggers.schedules.next_times import first_times
    from tenuto.triggers.schedules.said import said_length

    times = first_times(spec, datetime.now(UTC), count)
    author = spec.time_zone_name or "UTC"
    record = {
        "schedule_id": schedule_id,
        "time_zone": author,
        "times": times,
        "jitter": spec.jitter,
    }
    output.record(record, lambda console: draw_times(console, times, author, also=zone))
    if spec.jitter:
        output.note(f"Each starts up to {said_length(spec.jitter)} later, at random.")
