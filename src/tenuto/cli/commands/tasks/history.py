"""`tenuto tasks history`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.triggers.tasks.history import Deed


@click.command("history")
@click.argument("task")
@data_options
@click.pass_obj
def command(output: Output, task: str) -> None:
    """Show who did what to TASK, and when, as it is recorded.

    It works without a worker and on closed tasks. With --json each line has the ticket it was
    allowed by.
    """
    import asyncio

    asyncio.run(_show(output, task))


async def _show(output: Output, text: str) -> None:
    from tenuto.cli.tasks.desk import open_desk
    from tenuto.triggers.tasks.history import read_deeds

    desk = await open_desk()
    task_id = await desk.resolve(text)
    deeds = await read_deeds(desk.client, await desk.told(task_id))
    output.records([deed.model_dump() for deed in deeds], lambda console: _draw(console, deeds))


def _draw(console: "Console", deeds: "list[Deed]") -> None:
    from tenuto.cli.tables import table
    from tenuto.cli.tasks.plain import plain
    from tenuto.cli.tasks.told import doer
    from tenuto.cli.times import stamp

    drawn = table("When", "What", "By", "", folds="")
    for deed in deeds:
        drawn.add_row(stamp(deed.at), plain(deed.what), doer(deed.what, deed.by), plain(deed.text))
    console.print(drawn)
