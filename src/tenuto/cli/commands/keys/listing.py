"""`tenuto keys list`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("list", epilog="Other verbs: `tenuto keys rotate|revoke|export`.")
@data_options
@click.pass_obj
def command(output: Output) -> None:
    """List all keys by id. Secrets are never shown."""
    from tenuto.cli.keyrings import key_records
    from tenuto.cli.tables import table
    from tenuto.cli.times import stamp
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    found = key_records(settings)

    def show(console: "Console") -> None:
        drawn = table("For", "Key", "State", "Made", "Ended")
        for each in found:
            ended = each["ended_at"] or each["retired_at"]
            drawn.add_row(
                each["purpose"],
                each["kid"],
                each["state"],
                stamp(each["created_at"]),
                stamp(ended) if ended else "",
            )
        if found:
            console.print(drawn)

    output.records(found, show)
    if not found:
        output.note(f"No keys in {settings.keys_path} yet; the first use makes them.")
