"""`tenuto tasks inbox`."""

from typing import Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.cli.tasks.filters import filter_options, read_filter


@click.command("inbox")
@filter_options
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True)
@data_options
@click.pass_obj
def command(output: Output, /, limit: int, **filters: Any) -> None:
    """List what waits for you, the most urgent first.

    That is what you have claimed, and what is open to you or a group you are in. A task shows up
    about a second after it was opened.
    """
    import asyncio

    asyncio.run(_list(output, limit, filters))


async def _list(output: Output, limit: int, filters: dict[str, Any]) -> None:
    from tenuto.cli.tasks.desk import open_desk
    from tenuto.cli.tasks.tables import draw_inbox, row_record

    desk = await open_desk()
    wanted = read_filter(desk.who, **filters)
    inbox = await desk.inbox(wanted, limit)
    if inbox.rows or output.is_json:
        output.records(map(row_record, inbox.rows), lambda console: draw_inbox(console, inbox.rows))
    elif any(filters.values()):
        output.note("No task matches.")
    else:
        groups = f", in {', '.join(desk.who.groups)}" if desk.who.groups else ", in no group"
        output.note(
            f"Nothing waits for you ({desk.who.id}{groups})."
            " `tenuto tasks --all` lists everybody's that you may see."
        )
    if inbox.is_cut:
        output.note(f"The {limit} most urgent; --limit shows more.")
