"""Which mail server is used, and what is refused before anything connects to it."""

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, cast

from pydantic import SecretStr

from tenuto.activities.http_guard import ALLOW_SETTING, AllowedTargets, is_public, resolve
from tenuto.activities.secrets import resolve_secret
from tenuto.catalog.library.notify.requests import SmtpServer
from tenuto.core.errors import UnreachableError, UsageError

HOST = "TENUTO_SMTP_HOST"

_PORTS = {"starttls": 587, "tls": 465, "plain": 25}


@dataclass(frozen=True, kw_only=True)
class Server:
    """A mail server that may be connected to, at addresses that were judged."""

    host: str
    port: int
    addresses: tuple[str, ...]
    security: Literal["starttls", "tls", "plain"]
    user: str | None = None
    password: SecretStr | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"the mail server {self.host}:{self.port}"


def is_configured() -> bool:
    """Whether the worker's settings name a mail server."""
    return bool(os.environ.get(HOST))


def choose_server(named: SmtpServer | None) -> Server:
    """The server of the request, or else of the worker's settings.

    A server in the request must be public or listed in `TENUTO_HTTP_ALLOW`; whoever sets the
    worker's settings may name any. Raises UsageError `notify.smtp-settings-invalid`,
    `notify.smtp-plain-text`, `notify.smtp-address-refused`, and what `resolve_secret` raises;
    UnreachableError `notify.smtp-unknown-host`.
    """
    wanted = _from_settings() if named is None else named
    port = wanted.port or _PORTS[wanted.security]
    addresses = _addresses(wanted.host, port)
    if named is not None:
        _refuse_private(wanted.host, port, addresses)
    if wanted.security == "plain":
        _refuse_plain_text(wanted, addresses)
    return Server(
        host=wanted.host,
        port=port,
        addresses=addresses,
        security=wanted.security,
        user=wanted.user,
        password=resolve_secret(wanted.password) if wanted.password else None,
    )


def _from_settings() -> SmtpServer:
    security = os.environ.get("TENUTO_SMTP_SECURITY") or "starttls"
    port = os.environ.get("TENUTO_SMTP_PORT", "")
    plain_text = os.environ.get("TENUTO_SMTP_ALLOW_PLAIN_TEXT") or "no"
    user = os.environ.get("TENUTO_SMTP_USER") or None
    _refuse_unknown("TENUTO_SMTP_SECURITY", security, tuple(_PORTS))
    _refuse_unknown("TENUTO_SMTP_ALLOW_PLAIN_TEXT", plain_text, ("yes", "no"))
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise UsageError(
            f"TENUTO_SMTP_PORT is {port!r}; expected a number from 1 to 65535",
            code="notify.smtp-settings-invalid",
        )
    return SmtpServer(
        host=os.environ[HOST],
        port=int(port) if port else None,
        security=cast("Literal['starttls', 'tls', 'plain']", security),
        user=user,
        password="secret://env/TENUTO_SMTP_PASSWORD" if user else None,
        allow_plain_text=plain_text == "yes",
    )


def _refuse_unknown(name: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        raise UsageError(
            f"{name} is {value!r}; valid values are {', '.join(valid)}",
            code="notify.smtp-settings-invalid",
        )


def _addresses(host: str, port: int) -> tuple[str, ...]:
    try:
        return tuple(resolve(host, port))
    except (OSError, UnicodeError) as exc:
        raise UnreachableError(
            f"the mail server {host!r} is not known to the name service ({exc}); check its "
            "spelling and this machine's network",
            code="notify.smtp-unknown-host",
        ) from exc


def _refuse_private(host: str, port: int, addresses: tuple[str, ...]) -> None:
    private = [each for each in addresses if not is_public(each)]
    if private and (host, port) not in AllowedTargets.from_environment():
        raise UsageError(
            f"the mail server {host}:{port} of the request is at {private[0]}, which is not a "
            f"public address, so nothing was sent; if it is meant, add {host}:{port} to "
            f"{ALLOW_SETTING} on the worker, or name it in {HOST}",
            code="notify.smtp-address-refused",
        )


def _refuse_plain_text(wanted: SmtpServer, addresses: tuple[str, ...]) -> None:
    if all(ip_address(each).is_loopback for each in addresses):
        return
    if not wanted.allow_plain_text or wanted.password:
        raise UsageError(
            f"the e-mail would go to {wanted.host} in the clear, so nothing was sent; use "
            "security `starttls` or `tls` (`plain` beyond this machine has to be allowed "
            "explicitly, and never with a password)",
            code="notify.smtp-plain-text",
        )
