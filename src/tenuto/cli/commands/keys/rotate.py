"""`tenuto keys rotate`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.engine.settings import Settings


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

    from tenuto.engine.settings import load_settings

    record = asyncio.run(_rotate(load_settings(), purpose))
    output.record(record, lambda console: console.print(record["kid"]))
    output.note(f"New `{purpose}` key. `tenuto keys list` shows all.")


async def _rotate(settings: "Settings", purpose: str) -> dict[str, Any]:
    from tenuto.cli.keyrings import (
        PAYLOADS,
        ask_to_change,
        clock,
        data_record,
        record_change,
        signing_record,
    )
    from tenuto.identity.data_keys import DataKeyFile
    from tenuto.identity.keys import KeyFolder

    principal = await ask_to_change(settings, purpose)
    if purpose == PAYLOADS:
        record = data_record(DataKeyFile(settings.keys_path).rotate(clock()).active)
    else:
        ring = KeyFolder(settings.keys_path).rotate(purpose, clock())  # type: ignore[arg-type]
        record = signing_record(purpose, ring.active)
    record_change(
        settings, principal, {"what": "keys", "did": "rotate", "for": purpose, "key": record["kid"]}
    )
    return record
