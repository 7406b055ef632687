"""`tenuto definition schema`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("schema")
@click.option("--function", metavar="NAME", help="Only what `with` of a call of NAME takes.")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where it is written to; stdout by default.",
)
@shared_options
@click.pass_obj
def command(output: Output, function: str | None, target: Path | None) -> None:
    """Write the JSON Schema of definitions, with every function of this project's catalog.

    An editor that knows it completes and checks while you type.
    """
    from tenuto.app import project_catalog
    from tenuto.cli.definitions.output import write_text
    from tenuto.cli.output import to_json
    from tenuto.definitions.editor_schema import editor_schema
    from tenuto.engine.settings import load_settings

    catalog = project_catalog(load_settings())
    if function is not None:
        schema = catalog.entry(function).request.model_json_schema()
    else:
        schema = editor_schema(catalog)
    write_text(to_json(schema, indent=2), target)
    if target is not None and function is None:
        output.note("First line of a definition beside it:")
        output.note(f"# yaml-language-server: $schema=./{target.name}")
