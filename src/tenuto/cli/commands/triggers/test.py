"""`tenuto triggers test`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("test")
@click.argument("name")
@click.option(
    "--data", required=True, metavar="FILE|-|JSON", help="What is sent; of an event all of it."
)
@click.option("--url", help="Of the receiver; by default the one of tenuto.toml.")
@click.option("--event-id", metavar="ID", help="By default a new one, so that a new run starts.")
@click.option("--dry-run", is_flag=True, help="Show filter, input, and id; send nothing.")
@data_options
@click.pass_obj
def command(
    output: Output, name: str, data: str, url: str | None, event_id: str | None, dry_run: bool
) -> int:
    """Sign DATA with the first secret of trigger NAME, send it, and show the answer.

    The secret comes from the environment of this command. With --dry-run no receiver is needed.
    """
    from tenuto.cli.triggers.trying import Trial, try_trigger

    trial = Trial(name=name, data=data, url=url, event_id=event_id, is_dry=dry_run)
    return try_trigger(trial, output)
