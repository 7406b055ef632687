"""`tenuto schedule delete`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("delete")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--foreign", is_flag=True, help="Also one that Tenuto did not make.")
@data_options
@click.pass_obj
def command(output: Output, ids: tuple[str, ...], yes: bool, foreign: bool) -> None:
    """Delete schedules. Runs that they started go on; one that is not there is no error.

    What stands in schedules.yaml comes back with the next `tenuto schedule apply`, and the schedule
    of a definition with its next deployment.
    """
    import asyncio

    if not yes:
        click.confirm(f"Delete {', '.join(ids)}?", abort=True, err=True)
    asyncio.run(_delete(output, ids, foreign))


async def _delete(output: Output, ids: tuple[str, ...], foreign: bool) -> None:
    from tenuto.cli.schedules.switched import print_switched
    from tenuto.cli.session import open_session
    from tenuto.triggers.schedules.switching import delete_schedules

    session = await open_session()
    done = await delete_schedules(session.gate, session.client, ids, also_foreign=foreign)
    print_switched(output, done)
