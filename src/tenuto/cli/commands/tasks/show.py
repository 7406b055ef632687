"""`tenuto tasks show`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("show")
@click.argument("task")
@data_options
@click.pass_obj
def command(output: Output, task: str) -> None:
    """Show TASK: what is asked, evidence, who may decide, votes, deadlines, comments.

    Where the task is about one fixed content, `seen` is the hash that a decision names.
    """
    import asyncio

    asyncio.run(_show(output, task))


async def _show(output: Output, text: str) -> None:
    from tenuto.cli.tasks.desk import open_desk
    from tenuto.cli.tasks.page import draw_page, page_record

    desk = await open_desk()
    row = await desk.look(await desk.resolve(text))
    output.record(page_record(row), lambda console: draw_page(console, row))
