"""`tenuto artifacts`: what the store holds."""

import click

from tenuto.cli.commands.artifacts.gc import command as gc
from tenuto.cli.commands.artifacts.get import command as get
from tenuto.cli.commands.artifacts.listing import command as listing
from tenuto.cli.commands.artifacts.show import command as show
from tenuto.cli.commands.artifacts.verify import command as verify
from tenuto.cli.lazy import DefaultGroup


@click.group(
    "artifacts",
    cls=DefaultGroup,
    default="list",
    commands={"list": listing, "show": show, "get": get, "verify": verify, "gc": gc},
)
def command() -> None:
    """Look at stored files: list, get, verify, gc."""
