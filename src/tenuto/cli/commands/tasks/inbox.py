"""`tenuto tasks inbox`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.cli.tasks.filters import filter_options, read_filter

if TYPE_CHECKING:
    from tenuto.identity.principal import Principal


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
    else:
        output.note(_nothing(desk.who, is_filtered=any(filters.values())))
    if inbox.is_cut:
        output.note(f"The {limit} most urgent; --limit shows more.")


def _nothing(who: "Principal", *, is_filtered: bool) -> str:
    """That there is nothing, and for whom: an empty list is often somebody else's."""
    you = f"{who.id}, in {', '.join(who.groups) or 'no group'}"
    if is_filtered:
        return f"No task matches, of those that you may see ({you})."
    return (
        f"Nothing waits for you ({you}). `tenuto tasks --all` lists everybody's that you may see."
    )
