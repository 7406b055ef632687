"""`tenuto triggers check`."""

from pathlib import Path

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@data_options
@click.pass_obj
def command(output: Output, file: Path | None) -> int:
    """Find everything that is wrong with the triggers in FILE, in one pass.

    Without FILE it is the project's triggers.yaml. Each finding has file, line, column, code, and
    remedy. Needs no server. Exit code 2 when there is an error.
    """
    from tenuto.cli.triggers.checks import check_file

    return check_file(file, output)
