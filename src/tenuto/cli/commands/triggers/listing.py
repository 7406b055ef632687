"""`tenuto triggers list`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("list")
@data_options
@click.pass_obj
def command(output: Output) -> None:
    """List everything in triggers.yaml: where it comes in, and what it starts."""
    from tenuto.cli.triggers.page import list_triggers

    list_triggers(output)
