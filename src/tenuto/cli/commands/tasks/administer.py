"""`tenuto tasks administer`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("administer")
@click.argument("task")
@click.argument("what", type=click.Choice(["reassign", "expire", "cancel"]))
@click.option("--to", multiple=True, metavar="WHO", help="To reassign: u:ANN or g:GROUP.")
@click.option("-m", "--reason", required=True, metavar="TEXT", help="Why; it stays on record.")
@data_options
@click.pass_obj
def command(output: Output, task: str, what: str, to: tuple[str, ...], reason: str) -> None:
    """Reassign TASK, let it expire now, or cancel it: for administrators, with a reason."""
    import asyncio

    from tenuto.catalog.library.tasks.messages import Administer
    from tenuto.cli.tasks.speaking import tell, written

    asyncio.run(tell(output, task, written(Administer, what=what, to=to, reason=reason)))
