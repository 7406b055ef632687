"""`tenuto version`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("version")
@data_options
@click.pass_obj
def command(output: Output) -> None:
    """Show the versions of Tenuto and what it runs on."""
    from tenuto.cli.tables import block
    from tenuto.cli.versions import installed_versions

    versions = installed_versions()
    output.record(versions, lambda console: console.print(block(versions.items())))
