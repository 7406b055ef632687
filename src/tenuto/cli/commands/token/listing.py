"""`tenuto token list`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from tenuto.engine.token_register import RegisteredToken


@click.command("list", epilog="Other verbs: `tenuto token issue|revoke`.")
@click.option("--all", "everything", is_flag=True, help="Also those that ended or were revoked.")
@data_options
@click.pass_obj
def command(output: Output, everything: bool) -> None:
    """List the tokens that were issued, the newest first. The tokens themselves are not kept."""
    from tenuto.artifacts.store import open_store
    from tenuto.cli.keyrings import clock
    from tenuto.cli.tables import table
    from tenuto.engine.settings import load_settings
    from tenuto.engine.token_register import TokenRegister

    register = TokenRegister(open_store(load_settings().artifacts_url))
    rows = sorted((_record(each, clock()) for each in register), key=lambda r: r["iat"])
    shown = [row for row in reversed(rows) if everything or row["state"] == "good"]

    def show(console: "Console") -> None:
        drawn = table("Token", "For", "Groups", "Only for", "Issued by", "Until", "State")
        for row in shown:
            lists = (", ".join(row["grp"]), ", ".join(row["scope"]))
            until = row["exp"][:10]
            drawn.add_row(row["jti"], row["sub"], *lists, row["owner"], until, row["state"])
        if shown:
            console.print(drawn)

    output.records(shown, show)
    if not shown:
        output.note("No token is good now. `tenuto token issue --for s:NAME` makes one.")


def _record(registered: "RegisteredToken", now: "datetime") -> dict[str, Any]:
    token, revocation = registered.token, registered.revocation
    state = "revoked" if revocation else "good" if now <= token.exp else "ended"
    return {
        **token.model_dump(mode="json", exclude={"kind"}),
        "state": state,
        "revoked_at": revocation.at if revocation else None,
        "revoked_by": revocation.by if revocation else None,
    }
