"""A real SMTP server on 127.0.0.1 that answers as a test says and keeps what it was sent."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "desk", "correct horse"


@dataclass(frozen=True)
class Mail:
    """One message the server took responsibility for, or at least saw."""

    sender: str
    to: tuple[str, ...]
    content: bytes
    is_encrypted: bool

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        parsed = message_from_bytes(self.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class Script:
    """What the server says; the nth answer for the nth time it is asked."""

    rcpt: Callable[[str], str] = field(default=lambda address: "250 OK")
    data: list[str] = field(default_factory=list)
    """`cut` takes the message and breaks the connection."""


class MailServer:
    """Listens until the block ends; `security` as `notify.email` calls it."""

    def __init__(
        self,
        security: str = "plain",
        *,
        authority: trustme.CA | None = None,
        name: str = "127.0.0.1",
        script: Script | None = None,
        needs_login: bool = False,
    ) -> None:
        self.received: list[Mail] = []
        self._script = script or Script()
        context = _context(authority, name) if authority else None
        options: dict[str, Any] = {}
        if security == "starttls":
            options = {"tls_context": context, "require_starttls": True}
        elif security == "tls":
            options = {"ssl_context": context}
        if needs_login:
            options |= {"authenticator": _authenticate, "auth_required": True}
        self.port = _free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802 (the server's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Answers for one address."""
        answer = self._script.rcpt(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Answers for one message."""
        answer = self._script.data.pop(0) if self._script.data else "250 OK"
        if answer.startswith("2") or answer == "cut":
            self.received.append(
                Mail(
                    sender=envelope.mail_from,
                    to=tuple(envelope.rcpt_tos),
                    content=envelope.original_content,
                    is_encrypted=server.transport.get_extra_info("ssl_object") is not None,
                )
            )
        if answer == "cut":
            server.transport.abort()
        return answer


def _context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _authenticate(
    server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword
) -> AuthResult:
    is_known = given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
