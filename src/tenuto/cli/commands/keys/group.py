"""`tenuto keys`: what this installation signs and encrypts with."""

import click

from tenuto.cli.commands.keys.export import command as export
from tenuto.cli.commands.keys.listing import command as listing
from tenuto.cli.commands.keys.revoke import command as revoke
from tenuto.cli.commands.keys.rotate import command as rotate
from tenuto.cli.lazy import DefaultGroup


@click.group(
    "keys",
    cls=DefaultGroup,
    default="list",
    commands={"list": listing, "rotate": rotate, "revoke": revoke, "export": export},
)
def command() -> None:
    """Keys that sign decisions and the ledger, and encrypt payloads: list, rotate, revoke."""
