"""`tenuto policy diff`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--decisions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Questions or records of decisions, one JSON object per line; by default this machine's.",
)
@data_options
@click.pass_obj
def command(output: Output, old: Path, new: Path, decisions: Path | None) -> int:
    """Decide recorded questions again, by the rules in OLD and by those in NEW.

    Prints the questions that get another answer. Records of starts do not hold inputs, so what
    was decided by an input is counted and not decided again. Exit code 7 when something changes.
    """
    from tenuto.cli import exit_codes
    from tenuto.cli.policies.recorded import changes, read_recorded, spooled
    from tenuto.cli.policies.rulebook import open_rulebook
    from tenuto.engine.settings import load_settings

    before, after = open_rulebook(old).policy, open_rulebook(new).policy
    recorded = spooled(load_settings()) if decisions is None else read_recorded(decisions)
    changed = [
        {
            "principal": each.question.principal.id,
            "action": each.question.action,
            "resource": f"{each.question.resource.type}:{each.question.resource.id}",
            "old": each.old.sentence(),
            "new": each.new.sentence(),
        }
        for each in changes(before, after, recorded.questions)
    ]

    def show(console: "Console") -> None:
        for each in changed:
            who = f"{each['principal']} {each['action']} {each['resource']}"
            console.print(f"{who}: {each['old']} -> {each['new']}", soft_wrap=True)

    output.records(changed, show)
    output.note(f"{len(changed)} of {len(recorded.questions)} decisions would change.")
    if recorded.incomplete:
        output.note(f"{recorded.incomplete} records hold too little to decide them again.")
    return exit_codes.DIFFERENT if changed else exit_codes.OK
