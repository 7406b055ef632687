"""`tenuto schedule orphans`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("orphans")
@click.option("--delete", "deletes", is_flag=True, help="Delete them. Without this, list them.")
@data_options
@click.pass_obj
def command(output: Output, deletes: bool) -> None:
    """Find schedules of this project that nothing stands behind any more.

    Those that no file mentions, and those whose workflow or definition is gone. Schedules of other
    projects, and those that Tenuto did not make, are never among them.
    """
    import asyncio

    asyncio.run(_orphans(output, deletes))


async def _orphans(output: Output, deletes: bool) -> None:
    import asyncio

    from tenuto.cli.schedules.standing import standing_here
    from tenuto.cli.session import open_session
    from tenuto.cli.tables import table
    from tenuto.triggers.schedules.orphans import find_orphans
    from tenuto.triggers.schedules.switching import delete_schedules, of_named

    session = await open_session()
    standing = await asyncio.to_thread(standing_here, session)
    found = await session.gate.readable(
        "schedule:read",
        await find_orphans(session.client, standing),
        lambda each: of_named(each.schedule_id),
    )
    if deletes and found:
        ids = [each.schedule_id for each in found]
        await delete_schedules(session.gate, session.client, ids)

    def show(console: "Console") -> None:
        drawn = table("SCHEDULE", "STARTS", "WHY", folds="WHY")
        for each in found:
            drawn.add_row(each.schedule_id, each.starts, each.why)
        console.print(drawn)

    records = [{**each.model_dump(mode="json"), "deleted": deletes} for each in found]
    output.records(records, show if found else lambda console: None)
    if not found:
        output.note("No orphans.")
    elif not deletes:
        output.note("Nothing was deleted; --delete does it.")
