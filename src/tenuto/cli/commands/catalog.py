"""`tenuto catalog`: what can be run, and what one entry takes and returns."""

import click

from tenuto.cli.lazy import DefaultGroup
from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.group("catalog", cls=DefaultGroup, default="show")
def command() -> None:
    """List what can be run, or describe one entry."""


@command.command("list")
@data_options
@click.pass_obj
def list_entries(output: Output) -> None:
    """List every workflow and activity."""
    from tenuto.app import project_catalog
    from tenuto.cli.entries import draw_catalog, summaries
    from tenuto.engine.settings import load_settings

    catalog = project_catalog(load_settings())
    output.records(summaries(catalog), lambda console: draw_catalog(console, catalog))


@command.command("show")
@click.argument("name", required=False)
@data_options
@click.pass_context
def show_entry(ctx: click.Context, name: str | None) -> None:
    """Describe the workflow or activity NAME: fields, defaults, limits, an example command.

    Without a name, list everything. `--json` has the JSON Schemas of input and result.
    """
    from tenuto.app import project_catalog
    from tenuto.cli.entries import describe, draw_entry
    from tenuto.engine.settings import load_settings

    if name is None:
        ctx.invoke(list_entries)
        return
    entry = project_catalog(load_settings()).entry(name)
    output: Output = ctx.obj
    output.record(describe(entry), lambda console: draw_entry(console, entry))
