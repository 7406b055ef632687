"""`tenuto keys export`."""

import click

from tenuto.cli.options import shared_options


@click.command("export")
@click.argument("purpose", type=click.Choice(["decisions", "ledger"]))
@shared_options
def command(purpose: str) -> None:
    """Print the public halves of the keys for PURPOSE, as a key file.

    It is what a machine needs that verifies and does not sign, and what an auditor needs:
    `tenuto keys export decisions > keys/decisions.json`.
    """
    from tenuto.engine.settings import load_settings
    from tenuto.identity.keys import KeyFolder

    ring = KeyFolder(load_settings().keys_path).read(purpose)  # type: ignore[arg-type]
    click.echo(ring.public_part().model_dump_json(indent=2))
