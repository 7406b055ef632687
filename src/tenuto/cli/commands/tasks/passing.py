"""`tenuto tasks claim|release|delegate|forward`: who is to decide."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.triggers.tasks.acting import Message


@click.command("claim")
@click.argument("task")
@data_options
@click.pass_obj
def claim(output: Output, task: str) -> None:
    """Take TASK: until you release it, nobody else decides it."""
    from tenuto.catalog.library.tasks.messages import Claim

    _tell(output, task, Claim())


@click.command("release")
@click.argument("task")
@data_options
@click.pass_obj
def release(output: Output, task: str) -> None:
    """Give TASK back, which you have claimed."""
    from tenuto.catalog.library.tasks.messages import Release

    _tell(output, task, Release(), "given back")


@click.command("delegate")
@click.argument("task")
@click.option("--to", required=True, metavar="WHO", help="The person who is to decide.")
@click.option("-m", "--comment", default="", metavar="TEXT", help="Why, for that person.")
@data_options
@click.pass_obj
def delegate(output: Output, task: str, to: str, comment: str) -> None:
    """Hand TASK to one person. The other candidates stay.

    Where four eyes are wanted, you cannot decide it yourself afterwards.
    """
    from tenuto.catalog.library.tasks.messages import Delegate
    from tenuto.cli.tasks.speaking import written
    from tenuto.core.errors import UsageError

    if to[:2].casefold() == "g:":
        raise UsageError(
            f"A task is delegated to one person, and `{to}` is a group: name somebody (`u:ANN`), or"
            f" ask the group: `tenuto tasks forward {task} --to {to} -m WHY`.",
            code="task.message",
        )
    _tell(output, task, written(Delegate, to=to, comment=comment), "handed over")


@click.command("forward")
@click.argument("task")
@click.option(
    "--to", multiple=True, required=True, metavar="WHO", help="u:ANN or g:GROUP; several times."
)
@click.option("-m", "--comment", required=True, metavar="TEXT", help="Why.")
@data_options
@click.pass_obj
def forward(output: Output, task: str, to: tuple[str, ...], comment: str) -> None:
    """Ask other people: they replace the candidates of TASK."""
    from tenuto.catalog.library.tasks.messages import Forward
    from tenuto.cli.tasks.speaking import written

    _tell(output, task, written(Forward, to=to, comment=comment), f"{', '.join(to)} asked instead")


def _tell(output: Output, task: str, message: "Message", did: str = "") -> None:
    import asyncio

    from tenuto.cli.tasks.speaking import tell

    asyncio.run(tell(output, task, message, did=did))
