"""`tenuto definition check`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("check")
@click.argument("files", metavar="(FILE|FOLDER|-)...", nargs=-1, required=True)
@click.option(
    "--format",
    "report",
    type=click.Choice(["text", "json", "sarif"]),
    help="Form of the report; `sarif` is what code scanners show beside the code.",
)
@click.option("--warnings-as-errors", is_flag=True, help="Fail on warnings too.")
@data_options
@click.pass_obj
def command(
    output: Output, files: tuple[str, ...], report: str | None, warnings_as_errors: bool
) -> int:
    """Find everything that is wrong with definitions, in one pass.

    Each finding has file, line, column, code, path, and remedy. Needs no server, starts nothing.
    Exit code 2 when there is an error.
    """
    from tenuto.cli.definitions.checks import check_files, print_report

    checked = check_files(files)
    return print_report(
        checked,
        output,
        form=report or output.format,
        warnings_fail=warnings_as_errors,
    )
