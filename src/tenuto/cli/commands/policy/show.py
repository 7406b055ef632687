"""`tenuto policy show`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("show")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--schema", is_flag=True, help="Show what rules can be about instead: the schema.")
@data_options
@click.pass_obj
def command(output: Output, folder: Path | None, schema: bool) -> None:
    """List the rules in FOLDER, with the digest that names exactly these rules.

    `--schema` shows every action, resource and field that rules can name in this project.
    """
    from tenuto.cli.policies.rulebook import open_rulebook
    from tenuto.cli.tables import table

    book = open_rulebook(folder)
    rules: list[dict[str, Any]] = [
        {
            "id": rule.id,
            "effect": rule.effect,
            "place": str(rule.source.place),
            "reason": rule.reason,
            "obligations": [each.sentence() for each in rule.obligations()],
        }
        for rule in book.policy.rules.values()
    ]
    record = {"digest": book.policy.digest, "folder": str(book.folder), "rules": rules}

    def show(console: "Console") -> None:
        if schema:
            console.print(book.grammar.schema, soft_wrap=True)
            return
        drawn = table("Rule", "Effect", "Place", "Reason", folds="Reason")
        for each in rules:
            told = "; ".join(filter(None, [each["reason"], *each["obligations"]]))
            drawn.add_row(each["id"], each["effect"], each["place"], told)
        console.print(drawn)
        console.print(f"digest {book.policy.digest}", soft_wrap=True)

    output.record({**record, "schema": book.grammar.schema} if schema else record, show)
