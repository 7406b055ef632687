"""`tenuto keys revoke`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.engine.settings import Settings


@click.command("revoke")
@click.argument("purpose", type=click.Choice(["decisions", "ledger", "payloads"]))
@click.argument("kid", metavar="KEY")
@click.option("--erase", is_flag=True, help="Of payloads: make all it encrypted unreadable.")
@data_options
@click.pass_obj
def command(output: Output, purpose: str, kid: str, erase: bool) -> None:
    """Stop trusting KEY: what it signed is refused from now on.

    A key of `payloads` is destroyed, and with it everything it encrypted, here and in every copy
    of the histories: say `--erase`. Copies of the key file elsewhere have to be destroyed too.
    """
    import asyncio

    from tenuto.cli.keyrings import PAYLOADS
    from tenuto.core.errors import UsageError
    from tenuto.engine.settings import load_settings

    if (purpose == PAYLOADS) != erase:
        raise UsageError(
            f"Revoking a key of `payloads` makes everything that `{kid}` encrypted unreadable, for"
            " ever. If that is meant, say `--erase`."
            if purpose == PAYLOADS
            else f"`--erase` is for keys of `payloads`; a key of `{purpose}` encrypts nothing.",
            code="keys.erase",
        )
    record = asyncio.run(_revoke(load_settings(), purpose, kid))
    output.record(record, lambda console: console.print(f"{record['kid']} is {record['state']}."))
    if purpose != PAYLOADS and record["was_active"]:
        output.note(f"It was the one that signed: make another, `tenuto keys rotate {purpose}`.")


async def _revoke(settings: "Settings", purpose: str, kid: str) -> dict[str, Any]:
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
        data = DataKeyFile(settings.keys_path).destroy(kid, clock())
        record = data_record(data.by_id()[kid])
    else:
        ring = KeyFolder(settings.keys_path).revoke(purpose, kid, clock())  # type: ignore[arg-type]
        record = signing_record(purpose, next(key for key in ring.keys if key.kid == kid))
    record_change(
        settings, principal, {"what": "keys", "did": "revoke", "for": purpose, "key": kid}
    )
    return record | {"was_active": record["retired_at"] is None}
