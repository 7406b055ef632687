"""`tenuto policy coverage`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("coverage")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    default=100.0,
    show_default=True,
    help="Percent of the changes that tests have to notice.",
)
@data_options
@click.pass_obj
def command(output: Output, folder: Path | None, threshold: float) -> int:
    """Change every rule in FOLDER in many small ways, and see whether a test fails.

    A rule is taken out, turned round, a condition or one side of it left out, `<` made `<=`, its
    principal anybody. Prints the changes that no test noticed; exit code 1 below the threshold.
    """
    from tenuto.cli import exit_codes
    from tenuto.cli.policies.rulebook import open_rulebook
    from tenuto.core.errors import UsageError
    from tenuto.policy.mutants import coverage

    book = open_rulebook(folder)
    if book.failures():
        raise UsageError(
            "Some cases fail on the rules as they are, so changes of rules tell nothing."
            " `tenuto policy test` shows them; make them pass first.",
            code="policy.cases-fail",
        )
    found = coverage(book.grammar, book.policy, book.checks)
    survivors = [
        {"rule": mutant.rule.id, "place": str(mutant.rule.source.place), "change": mutant.change}
        for mutant in found.survived
    ]
    total = len(found.killed) + len(found.survived)
    record = {"changes": total, "noticed": len(found.killed), "unnoticed": survivors}

    def show(console: "Console") -> None:
        for each in survivors:
            console.print(
                f"{each['place']}: `{each['rule']}` {each['change']}: no test notices",
                soft_wrap=True,
            )
        console.print(f"{len(found.killed)} of {total} changes are noticed ({found.score:.1%}).")

    output.record(record, show)
    return exit_codes.OK if 100 * found.score >= threshold else exit_codes.FAILED
