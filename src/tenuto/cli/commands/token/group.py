"""`tenuto token`: what machines show instead of logging in."""

import click

from tenuto.cli.commands.token.issue import command as issue
from tenuto.cli.commands.token.listing import command as listing
from tenuto.cli.commands.token.revoke import command as revoke
from tenuto.cli.lazy import DefaultGroup


@click.group(
    "token",
    cls=DefaultGroup,
    default="list",
    commands={"list": listing, "issue": issue, "revoke": revoke},
)
def command() -> None:
    """Tokens for machines: issue, list, revoke."""
