"""`tenuto triggers apply`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("apply")
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@data_options
@click.pass_obj
def command(output: Output, dry_run: bool) -> int:
    """Make the server look for files as `files` in triggers.yaml says.

    Each watch is a schedule of its own. Watches that are no longer in the file are removed; a
    paused one stays paused.
    """
    import asyncio

    from tenuto.cli.triggers.applying import apply

    return asyncio.run(apply(output, is_dry=dry_run))
