"""`tenuto whoami`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console


@click.command("whoami")
@data_options
@click.pass_obj
def command(output: Output) -> None:
    """Show as whom commands act here, and how that was proved.

    A token in TENUTO_TOKEN (or in the file that TENUTO_TOKEN_FILE names) says who you are. Without
    one, on your own machine: `--as u:NAME --groups g:A,g:B`, the settings, or the login name.
    """
    from tenuto.cli.asking import asked_address, principal_of
    from tenuto.cli.tables import block
    from tenuto.cli.times import coarse
    from tenuto.engine.settings import load_settings

    settings = load_settings()
    address = asked_address(settings)
    who = principal_of(settings, address)
    proof = who.authentication

    def show(console: "Console") -> None:
        from datetime import timedelta

        age = proof.mfa_age_s
        console.print(
            block(
                [
                    ("you are", who.id),
                    ("groups", ", ".join(who.groups) or "none"),
                    ("answerable", who.owner),
                    ("proved by", _METHODS[proof.method]),
                    ("second factor", None if age is None else coarse(timedelta(seconds=age))),
                    ("only for", ", ".join(proof.scope) or None),
                ]
            )
        )

    output.record({**who.model_dump(mode="json"), "kind": who.kind}, show)


_METHODS = {
    "local": "nothing: on your own machine you are who you say",
    "oidc": "an access token of your issuer",
    "token": "a machine token",
}
