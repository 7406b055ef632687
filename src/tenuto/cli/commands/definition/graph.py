"""`tenuto definition graph`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options

_FORMS = {".svg": "svg", ".mmd": "mermaid", ".md": "mermaid"}


@click.command("graph")
@click.argument("definition", metavar="FILE|NAME[:VERSION]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "svg"]),
    help="Form of the drawing; otherwise by what FILE ends in: .svg, or .mmd and .md for Mermaid.",
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
    from tenuto.cli.definitions.choice import choose
    from tenuto.cli.definitions.output import write_text
    from tenuto.definitions.graph.mermaid import mermaid
    from tenuto.definitions.graph.svg import svg

    drawing = form or _form_of(target)
    plan = choose(definition).plan
    write_text(svg(plan) if drawing == "svg" else mermaid(plan), target)


def _form_of(target: Path | None) -> str:
    """The form that the name of the file asks for; Mermaid on stdout."""
    from tenuto.core.errors import UsageError

    suffix = ".mmd" if target is None else target.suffix.lower()
    if suffix not in _FORMS:
        raise UsageError(
            f"What is drawn into `{target}` is not known: name a file that ends in"
            f" {', '.join(_FORMS)}, or say `--format svg` or `--format mermaid`.",
            code="definition.unknown-drawing",
            details={"file": str(target)},
        )
    return _FORMS[suffix]
