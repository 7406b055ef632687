"""`tenuto policy check`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@data_options
@click.pass_obj
def command(output: Output, folder: Path | None) -> int:
    """Find everything that is wrong with the rules in FOLDER, in one pass.

    Each finding has file, line, column, and remedy. Exit code 2 when there is one.
    """
    from tenuto.cli import exit_codes
    from tenuto.cli.policies.rulebook import open_rulebook

    book = open_rulebook(folder)

    def show(console: "Console") -> None:
        for each in book.findings:
            console.print(each.line_of_text(), soft_wrap=True)

    output.records([each.model_dump(mode="json") for each in book.findings], show)
    if book.findings:
        return exit_codes.USAGE
    output.note(f"{len(book.rules)} rules in {book.folder}, nothing is wrong with them.")
    return exit_codes.OK
