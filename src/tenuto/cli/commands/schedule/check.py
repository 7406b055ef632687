"""`tenuto schedule check`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("check")
@click.option("--check-secrets", is_flag=True, help="Fail on secrets that are empty here.")
@data_options
@click.pass_obj
def command(output: Output, check_secrets: bool) -> int:
    """Find everything that is wrong with the project's schedules, in one pass.

    Each finding has file, line, column, code, and remedy. Needs no server, changes nothing. Exit
    code 2 when there is an error.
    """
    from tenuto.cli.schedules.checking import check_schedules

    return check_schedules(output, check_secrets=check_secrets)
