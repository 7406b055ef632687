"""Who is asking: the principal behind this invocation of `tenuto`."""

import getpass
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenuto.artifacts.store import open_store
from tenuto.cli.options import AS_GROUPS, AS_USER
from tenuto.core.errors import UsageError
from tenuto.engine.connection import LOCAL, profile_target
from tenuto.engine.settings import Settings
from tenuto.engine.token_register import TokenRegister
from tenuto.identity.bearer import LONGEST, Expected, token_header, verified_bearer
from tenuto.identity.keys import KeyFolder
from tenuto.identity.local import local_principal
from tenuto.identity.machine_token import principal_with, verified_machine_token
from tenuto.identity.principal import Principal
from tenuto.identity.signing import MACHINE_TOKEN

if TYPE_CHECKING:
    from tenuto.engine.issuer import Issuer

TOKEN = "TENUTO_TOKEN"  # noqa: S105 (the variable's name)
TOKEN_FILE = "TENUTO_TOKEN_FILE"  # noqa: S105


@dataclass(frozen=True, kw_only=True, slots=True)
class _Claimed:
    """What was typed on the command line."""

    user: str | None
    groups: tuple[str, ...] | None

    @property
    def is_made(self) -> bool:
        """Whether anything was."""
        return self.user is not None or self.groups is not None


def principal_of(settings: Settings, address: str) -> Principal:
    """Who is asking the server at `address` (`host:port`).

    A token, in TENUTO_TOKEN or in the file that TENUTO_TOKEN_FILE names, is who it says once it
    was verified. Without one, in local mode: `--as` and `--groups`, else the settings, else the
    login name. Raises PolicyDenied for a token that is not good and, in local mode, for a server
    that is not on this machine; UsageError where a token is needed.
    """
    text = _token()
    claimed = _claimed()
    if text is None and settings.identity.mode == "local":
        return _local(settings, claimed, address)
    if claimed.is_made:
        raise UsageError(
            "`--as` and `--groups` are for local mode without a token; here the token says who"
            " you are. Leave them out.",
            code="identity.claimed",
        )
    if text is None:
        raise UsageError(
            f"No token: identity is in mode `{settings.identity.mode}`. Put the access token of"
            f" {settings.identity.issuer or 'your issuer'} into TENUTO_TOKEN, or name its file in"
            " TENUTO_TOKEN_FILE.",
            code="identity.no-token",
        )
    return _by_token(settings, text)


def asked_address(settings: Settings) -> str:
    """The address that a command would connect to, for one that does not connect."""
    return (profile_target(settings) or LOCAL).address


def _local(settings: Settings, claimed: _Claimed, address: str) -> Principal:
    identity = settings.identity
    return local_principal(
        (identity.user or _login_name()) if claimed.user is None else claimed.user,
        identity.groups if claimed.groups is None else claimed.groups,
        address=address,
    )


def _by_token(settings: Settings, text: str) -> Principal:
    now = datetime.now(UTC)
    if token_header(text).get("typ") == MACHINE_TOKEN:
        token = verified_machine_token(text, KeyFolder(settings.keys_path).read("decisions"), now)
        TokenRegister(open_store(settings.artifacts_url)).refuse_revoked(token)
        return principal_with(token)
    identity = settings.identity
    if identity.mode != "oidc":
        raise UsageError(
            "The token is not a machine token of this installation, and identity is in local"
            " mode, which knows no issuer. Set `identity.mode` to `oidc` and `identity.issuer`.",
            code="identity.no-issuer",
        )
    expected = Expected(
        issuer=identity.issuer, audience=identity.audience, groups_claim=identity.groups_claim
    )
    return verified_bearer(text, expected, _issuer(identity.issuer).find_key, now)


@cache
def _issuer(url: str) -> "Issuer":
    from tenuto.engine.issuer import Issuer  # its HTTP client is only for those who log in

    return Issuer(url)


def _token() -> str | None:
    text, file = os.environ.get(TOKEN), os.environ.get(TOKEN_FILE)
    if text is not None and file is not None:
        raise UsageError(
            f"Both {TOKEN} and {TOKEN_FILE} are set; unset one of them.", code="identity.two-tokens"
        )
    if file is None:
        return text.strip() if text is not None else None
    try:
        with Path(file).open("rb") as opened:
            return opened.read(LONGEST + 2).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as wrong:
        raise UsageError(
            f"The token file `{file}` cannot be read: {wrong}. {TOKEN_FILE} names a file that"
            " holds a token and nothing else.",
            code="identity.token-file",
        ) from wrong


def _claimed() -> _Claimed:
    context = click.get_current_context(silent=True)
    meta = context.meta if context else {}
    return _Claimed(user=meta.get(AS_USER), groups=meta.get(AS_GROUPS))


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as nobody:
        raise UsageError(
            "This machine does not say who is logged in. Set `identity.user`, or give `--as`.",
            code="identity.nobody",
        ) from nobody
