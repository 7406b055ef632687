"""`tenuto policy explain`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("explain")
@click.option("--start", metavar="NAME", help="Ask whether this workflow may be started.")
@click.option(
    "-f", "--field", "fields", multiple=True, metavar="NAME=VALUE", help="A field of its input."
)
@click.option("--tag", "tags", multiple=True, metavar="WORD", help="A tag of the workflow.")
@click.option("--action", metavar="ACTION", help="Ask about any action, like `task:decide`.")
@click.option("--resource", metavar="TYPE:ID", help="What it is done to.")
@click.option(
    "--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="What it is like."
)
@click.option("--context", multiple=True, metavar="NAME=VALUE", help="What else rules may read.")
@click.option("--question", "file", metavar="FILE|-", help="A whole question as JSON instead.")
@click.option("--folder", type=click.Path(path_type=Path), help="Folder of the rules.")
@data_options
@click.pass_obj
def command(output: Output, /, folder: Path | None, **typed: Any) -> int:
    """Ask the rules one question: may you, or whom `--as` names, do this?

    Prints the answer, the rules that decide with their place, and what is asked for besides.
    Nothing is done and nothing is recorded. Exit code 1 when the answer is no.
    """
    from tenuto.cli import exit_codes
    from tenuto.cli.policies.asking import Typed, question_of
    from tenuto.cli.policies.rulebook import open_rulebook
    from tenuto.policy.cases import answer

    book = open_rulebook(folder)
    decision = book.policy.decide(question_of(Typed(**typed), book))
    places = {name: str(rule.source.place) for name, rule in book.policy.rules.items()}

    def show(console: "Console") -> None:
        console.print(f"{answer(decision)}: {decision.sentence()}", soft_wrap=True)
        for reason in decision.reasons:
            told = f" {reason.text}" if reason.text else ""
            console.print(
                f"  {places[reason.rule]}: {reason.effect} `{reason.rule}`{told}", soft_wrap=True
            )
        for each in decision.obligations:
            console.print(f"  {each.sentence()} (`{each.rule}`)", soft_wrap=True)

    record = decision.model_dump(mode="json") | {"answer": answer(decision)}
    output.record(record, show)
    if typed["file"] is None and typed["start"] is None and decision.problems:
        output.note(
            "Rules read what the resource is like: say it with `--attribute NAME=VALUE`, and what"
            " else they read with `--context`; `tenuto policy show --schema` has the names."
        )
    return exit_codes.OK if decision.allowed else exit_codes.FAILED
