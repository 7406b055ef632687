"""`tenuto policy test`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("test")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@data_options
@click.pass_obj
def command(output: Output, folder: Path | None) -> int:
    """Run every case of the `*.test.yaml` files in FOLDER.

    Prints the cases that fail, each with the answer it got and the rules that gave it. Exit code
    1 when there is one.
    """
    from tenuto.cli import exit_codes
    from tenuto.cli.policies.rulebook import open_rulebook

    book = open_rulebook(folder)
    failures = book.failures()
    records = [
        {"file": check.file, "case": check.case.case, "problem": said} for check, said in failures
    ]

    def show(console: "Console") -> None:
        for each in records:
            console.print(f"{each['file']}: {each['case']}: {each['problem']}", soft_wrap=True)

    output.records(records, show)
    if failures:
        output.note(f"{len(failures)} of {len(book.checks)} cases fail.")
        return exit_codes.FAILED
    output.note(f"{len(book.checks)} cases pass.")
    return exit_codes.OK
