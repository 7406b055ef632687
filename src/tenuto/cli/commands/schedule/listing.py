"""`tenuto schedule list`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("list")
@click.argument("prefix", default="")
@click.option("--paused/--active", "is_paused", default=None, help="Only those that are.")
@click.option(
    "--owner", metavar="NAME", help="Only those of a project, or `file`, `definition`, `other`."
)
@data_options
@click.pass_obj
def command(output: Output, prefix: str, is_paused: bool | None, owner: str | None) -> None:
    """List schedules whose ids begin with PREFIX: what they start, when, and how it went.

    Times are in the zone of each schedule's author. A schedule shows up about a second after it
    was made or changed.
    """
    import asyncio

    asyncio.run(_list(output, prefix, is_paused, owner))


async def _list(output: Output, prefix: str, is_paused: bool | None, owner: str | None) -> None:
    from tenuto.cli.schedules.tables import draw_schedules, schedule_record
    from tenuto.cli.session import open_session
    from tenuto.triggers.schedules.listing import list_schedules
    from tenuto.triggers.schedules.switching import of_named

    session = await open_session()
    found = await list_schedules(session.client, prefix=prefix, is_paused=is_paused, owner=owner)
    rows = await session.gate.readable(
        "schedule:read", found, lambda row: of_named(row.schedule_id)
    )
    output.records(map(schedule_record, rows), lambda console: draw_schedules(console, rows))
    if rows:
        return
    if prefix or owner or is_paused is not None:
        output.note("No schedule matches.")
    else:
        output.note(
            "No schedules. Write some into schedules.yaml, then `tenuto schedule plan` and"
            " `tenuto schedule apply`."
        )
