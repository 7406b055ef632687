"""`tenuto schedule show`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("show")
@click.argument("schedule_id", metavar="ID")
@data_options
@click.pass_obj
def command(output: Output, schedule_id: str) -> None:
    """Show one schedule: as it was written, its next times, its last runs, what it missed."""
    import asyncio

    asyncio.run(_show(output, schedule_id))


async def _show(output: Output, schedule_id: str) -> None:
    from tenuto.cli.schedules.page import draw_schedule
    from tenuto.cli.schedules.urls import schedule_url
    from tenuto.cli.session import open_session
    from tenuto.triggers.schedules.reading import describe_schedule
    from tenuto.triggers.schedules.switching import of_named

    session = await open_session()
    await session.gate.authorize("schedule:read", of_named(schedule_id))
    found = await describe_schedule(session.client, schedule_id)
    url = schedule_url(session, schedule_id)
    record = {**found.model_dump(mode="json"), "ui_url": url}
    output.record(record, lambda console: draw_schedule(console, found, url))
