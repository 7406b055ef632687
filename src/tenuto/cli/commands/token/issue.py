"""`tenuto token issue`."""

from typing import TYPE_CHECKING

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.identity.ticket import MachineToken


@click.command("issue")
@data_options
@click.option("--for", "holder", required=True, metavar="s:NAME", help="The service or agent.")
@click.option("--groups", default="", metavar="g:A,g:B", help="The groups it is in, not yours.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 90))
@click.option(
    "--scope",
    multiple=True,
    metavar="ACTION",
    help="An action it may be used for; repeatable. Without it: whatever policy allows.",
)
@click.pass_obj
def command(output: Output, holder: str, groups: str, days: int, scope: tuple[str, ...]) -> None:
    """Print a new token, once: it is stored nowhere. The machine gives it in TENUTO_TOKEN.

    You answer for what it does. `tenuto token revoke` ends it before its time. Your own groups, in
    local mode, go before the command: `tenuto --as u:ADA --groups g:ADMINS token issue ...`.
    """
    import asyncio

    token, text = asyncio.run(_issue(holder, groups, days, scope))
    record = token.model_dump(mode="json", exclude={"kind"}) | {"token": text}
    output.record(record, lambda console: console.print(text, soft_wrap=True))
    output.note(f"For {token.sub} until {token.exp:%Y-%m-%d}: `tenuto token revoke {token.jti}`.")


async def _issue(
    holder: str, groups: str, days: int, scope: tuple[str, ...]
) -> "tuple[MachineToken, str]":
    import secrets
    from datetime import timedelta

    from tenuto.artifacts.store import open_store
    from tenuto.cli.keyrings import ask_to_change, clock, record_change
    from tenuto.engine.settings import load_settings
    from tenuto.engine.token_register import TokenRegister
    from tenuto.identity.keys import KeyFolder
    from tenuto.identity.local import group_id, principal_id
    from tenuto.identity.machine_token import machine_token
    from tenuto.identity.signing import sign

    _refuse_unknown(scope)
    settings = load_settings()
    owner = await ask_to_change(settings, "tokens")
    token = machine_token(
        principal_id(holder),
        tuple(sorted({group_id(word) for word in groups.split(",") if word.strip()})),
        owner=owner,
        life=timedelta(days=days),
        scope=scope,
        jti=secrets.token_hex(16),
        now=clock(),
    )
    text = sign(token, KeyFolder(settings.keys_path).open("decisions", clock()))
    TokenRegister(open_store(settings.artifacts_url)).add(token)
    record_change(
        settings, owner, {"what": "token", "did": "issue", "for": token.sub, "jti": token.jti}
    )
    return token, text


def _refuse_unknown(scope: tuple[str, ...]) -> None:
    import difflib

    from tenuto.core.errors import UsageError
    from tenuto.policy.schema import ACTIONS

    for action in scope:
        if action not in ACTIONS:
            near = difflib.get_close_matches(action, ACTIONS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"Valid are {', '.join(ACTIONS)}."
            raise UsageError(f"`{action}` is no action; {hint}", code="token.unknown-scope")
