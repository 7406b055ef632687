"""`tenuto schedule pause` and `resume`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("pause")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", default="", help="Why; everybody who looks at it is told.")
@data_options
@click.pass_obj
def pause(output: Output, ids: tuple[str, ...], reason: str) -> None:
    """Stop starting runs of each schedule until it is resumed. Open runs go on.

    One that is paused already keeps the reason it was paused for.
    """
    import asyncio

    asyncio.run(_switch(output, ids, reason, pauses=True))


@click.command("resume")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", default="", help="Why; else its author's note is shown again.")
@data_options
@click.pass_obj
def resume(output: Output, ids: tuple[str, ...], reason: str) -> None:
    """Start runs of each schedule again. What was due meanwhile is not made up for.

    `tenuto schedule backfill` starts what was missed.
    """
    import asyncio

    asyncio.run(_switch(output, ids, reason, pauses=False))


async def _switch(output: Output, ids: tuple[str, ...], reason: str, *, pauses: bool) -> None:
    from tenuto.cli.schedules.switched import print_switched
    from tenuto.cli.session import open_session
    from tenuto.triggers.schedules.switching import pause_schedules, resume_schedules

    session = await open_session()
    switch = pause_schedules if pauses else resume_schedules
    print_switched(output, await switch(session.gate, session.client, ids, reason))
