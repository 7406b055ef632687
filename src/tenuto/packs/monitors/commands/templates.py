"""`tenuto monitor templates`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("templates")
@click.option("--category", metavar="NAME", help="Only those of this category.")
@data_options
@click.pass_obj
def command(output: Output, category: str | None) -> None:
    """List monitors to begin with; {words} are for you to fill in."""
    from tenuto.core.errors import NotFoundError
    from tenuto.packs.monitors.templates import TEMPLATES

    found = [each for each in TEMPLATES if category in (None, each.category)]
    if not found:
        known = ", ".join(sorted({each.category for each in TEMPLATES}))
        raise NotFoundError(
            f"There is no category `{category}`. Valid are {known}.",
            code="monitors.no-category",
        )

    def draw(console: "Console") -> None:
        from tenuto.cli.tables import table

        grid = table("category", "name", "question", "when", "every", folds=["question", "when"])
        for each in found:
            grid.add_row(
                each.category,
                each.name,
                each.search_query,
                each.condition_description,
                each.schedule,
            )
        console.print(grid)

    output.records([each.model_dump(mode="json") for each in found], draw)
