"""`tenuto token revoke`."""

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output


@click.command("revoke")
@click.argument("jti", metavar="TOKEN")
@data_options
@click.pass_obj
def command(output: Output, jti: str) -> None:
    """End a token now. TOKEN is its id, as `tenuto token list` shows it."""
    import asyncio

    revoked_by = asyncio.run(_revoke(jti))
    output.record(
        {"jti": jti, "state": "revoked", "revoked_by": revoked_by},
        lambda console: console.print(f"{jti} is revoked."),
    )


async def _revoke(jti: str) -> str:
    from tenuto.artifacts.store import open_store
    from tenuto.cli.keyrings import ask_to_change, clock, record_change
    from tenuto.engine.settings import load_settings
    from tenuto.engine.token_register import TokenRegister

    settings = load_settings()
    principal = await ask_to_change(settings, "tokens")
    register = TokenRegister(open_store(settings.artifacts_url))
    revoked = register.revoke(jti, by=principal.id, now=clock())
    record_change(
        settings,
        principal,
        {"what": "token", "did": "revoke", "for": revoked.token.sub, "jti": jti},
    )
    return revoked.revocation.by if revoked.revocation else principal.id
