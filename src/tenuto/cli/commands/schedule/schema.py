"""`tenuto schedule schema`."""

from pathlib import Path

import click

from tenuto.cli.options import shared_options
from tenuto.cli.output import Output


@click.command("schema")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where it is written to; stdout by default.",
)
@shared_options
@click.pass_obj
def command(output: Output, target: Path | None) -> None:
    """Write the JSON Schema of schedules.yaml, with every workflow of this project's catalog.

    An editor that knows it completes and checks while you type.
    """
    from tenuto.app import project_catalog
    from tenuto.cli.definitions.output import write_text
    from tenuto.cli.output import to_json
    from tenuto.engine.settings import load_settings
    from tenuto.triggers.schedules.editor_schema import schedules_schema

    schema = schedules_schema(project_catalog(load_settings()))
    write_text(to_json(schema, indent=2), target)
    if target is not None:
        output.note("First line of schedules.yaml beside it:")
        output.note(f"# yaml-language-server: $schema=./{target.name}")
