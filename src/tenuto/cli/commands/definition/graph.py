"""`tenuto definition graph`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options


@click.command("graph")
@click.argument("definition", metavar="FILE|NAME[:VERSION]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "svg"]),
    help="Form of the drawing; what FILE ends in, or mermaid.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where it is written to; stdout by default.",
)
@shared_options
def command(definition: str, form: str | None, target: Path | None) -> None:
    """Draw a definition: its tasks, and the ways between them."""
    from tenuto.cli.definition_choice import choose
    from tenuto.cli.definition_output import write_text
    from tenuto.definitions.graph.mermaid import mermaid
    from tenuto.definitions.graph.svg import svg

    plan = choose(definition).plan
    is_svg = form == "svg" or (form is None and target is not None and target.suffix == ".svg")
    write_text(svg(plan) if is_svg else mermaid(plan), target)
