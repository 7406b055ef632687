"""`tenuto keys revoke`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("revoke")
@click.argument("purpose", type=click.Choice(["decisions", "ledger", "payloads"]))
@click.argument("kid", metavar="KEY")
@data_options
@click.pass_obj
def command(output: Output, purpose: str, kid: str) -> None:
    """Stop trusting KEY: what it signed is refused from now on.

    A key of `payloads` signs nothing; to destroy it, and with it everything it encrypted, there is
    `tenuto audit erase`.
    """
    import asyncio

    from tenuto.cli.keyrings import PAYLOADS, revoke
    from tenuto.core.errors import UsageError
    from tenuto.engine.settings import load_settings

    if purpose == PAYLOADS:
        raise UsageError(
            f"A key of `payloads` is not revoked but destroyed, and with it everything that `{kid}`"
            f" encrypted. If that is meant: `tenuto audit erase {kid} --reason WHY`, which heeds a"
            " legal hold and runs that still need the key.",
            code="keys.erase",
        )
    record = asyncio.run(revoke(load_settings(), purpose, kid))
    output.record(record, lambda console: console.print(f"{record['kid']} is {record['state']}."))
    if record["was_active"]:
        output.note(f"It was the one that signed: make another, `tenuto keys rotate {purpose}`.")
