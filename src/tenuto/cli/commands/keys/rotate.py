"""`tenuto keys rotate`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("rotate")
@click.argument("purpose", type=click.Choice(["decisions", "ledger", "payloads"]))
@data_options
@click.pass_obj
def command(output: Output, purpose: str) -> None:
    """Make a new key for PURPOSE, used from now on. Older ones go on verifying and decrypting.

    Running workers take it within seconds if they read the same folder; copies of the folder on
    other machines have to be copied again.
    """
    import asyncio

    from tenuto.cli.keyrings import rotate
    from tenuto.engine.settings import load_settings

    record = asyncio.run(rotate(load_settings(), purpose))
    output.record(record, lambda console: console.print(record["kid"]))
    output.note(f"New `{purpose}` key. `tenuto keys list` shows all.")
