"""`tenuto tasks watch`."""

from typing import Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output
from tenuto.cli.tasks.filters import filter_options, read_filter

_MOST = 1_000


@click.command("watch")
@filter_options
@click.option(
    "--every",
    type=click.FloatRange(min=1),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
@data_options
@click.pass_obj
def command(output: Output, /, every: float, **filters: Any) -> None:
    """Tell of every task as it comes to you and as it goes; Ctrl-C ends it.

    With --json one object per line: `what` is `waits`, `changed`, or `gone`.
    """
    import asyncio

    asyncio.run(_watch(output, every, filters))


async def _watch(output: Output, every: float, filters: dict[str, Any]) -> None:
    import asyncio

    from tenuto.cli.tasks.desk import open_desk
    from tenuto.cli.tasks.watching import Watch, tell

    desk = await open_desk()
    watch = Watch()
    while True:
        # Read anew each time: what is overdue depends on the moment.
        inbox = await desk.inbox(read_filter(desk.who, **filters), _MOST)
        for change in watch.changes(inbox.rows):
            tell(output, change)
        await asyncio.sleep(every)
