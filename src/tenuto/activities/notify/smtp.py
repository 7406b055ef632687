"""One SMTP exchange (RFC 5321): encrypted, certificate verified, and with our errors."""

import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tenuto.activities.notify.smtp_server import Server
from tenuto.core.errors import DataError, TenutoError, TransientError, UnreachableError

TIMEOUT_S = 30.0
"""For each step of the exchange."""


@dataclass(frozen=True)
class Refusal:
    """What the server said about one address."""

    code: int
    text: str

    @property
    def may_pass(self) -> bool:
        """Whether another attempt may succeed: 4xx."""
        return 400 <= self.code < 500


def send_mail(
    server: Server, *, sender: str, to: Sequence[str], content: bytes
) -> dict[str, Refusal]:
    """Hands over one message; returns the addresses that were refused, and why.

    No refusal means that the server took responsibility for every address. When it refuses
    every address, they are all returned, and nothing was sent. Raises DataError
    `notify.smtp-refused`, `notify.smtp-login-refused`, `notify.smtp-no-tls`,
    `notify.smtp-certificate`; TransientError `notify.smtp-try-later`, `notify.smtp-broken-off`
    (then the message may have arrived); UnreachableError `notify.smtp-unreachable`.
    """
    with _translated(server), _connected(server) as connection:
        _secure(connection, server)
        if server.user is not None and server.password is not None:
            connection.login(server.user, server.password.get_secret_value())
        try:
            refused = connection.sendmail(sender, list(to), content)
        except smtplib.SMTPRecipientsRefused as everybody:
            refused = everybody.recipients
    return {address: Refusal(code, _text(said)) for address, (code, said) in refused.items()}


class _CheckedSmtp(smtplib.SMTP):
    """Connects to addresses that were judged before, under the name they were judged for."""

    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(server.host, server.port, timeout=TIMEOUT_S)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = _connect(self._server, timeout)
        if self._server.security != "tls":
            return connection
        return _tls().wrap_socket(connection, server_hostname=host)


def _connect(server: Server, timeout: float) -> socket.socket:
    failure: OSError | None = None
    for address in server.addresses:
        try:
            return socket.create_connection((address, server.port), timeout)
        except OSError as exc:
            failure = exc
    raise failure or OSError("the host has no address")


def _tls() -> ssl.SSLContext:
    # SSL_CERT_FILE and SSL_CERT_DIR name a firm's own authority.
    return ssl.create_default_context()


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    connection = _CheckedSmtp(server)
    try:
        yield connection
        _say_goodbye(connection)
    finally:
        connection.close()


def _say_goodbye(connection: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):  # the message was taken before
        connection.quit()


def _secure(connection: smtplib.SMTP, server: Server) -> None:
    connection.ehlo()
    if server.security != "starttls":
        return
    if not connection.has_extn("starttls"):
        raise DataError(
            f"{server} does not offer STARTTLS, so nothing was sent; somebody in between may have "
            "removed the offer. Use security `tls`, or another server",
            code="notify.smtp-no-tls",
        )
    connection.starttls(context=_tls())
    connection.ehlo()


@contextmanager
def _translated(server: Server) -> Iterator[None]:
    """The one place where smtplib's and the socket's errors become ours."""
    try:
        yield
    except ssl.SSLCertVerificationError as exc:
        raise DataError(
            f"{server} shows a certificate that is not trusted ({exc.verify_message}), so "
            "nothing was sent; correct the host name or the certificate, or name your own "
            "authority in SSL_CERT_FILE",
            code="notify.smtp-certificate",
        ) from exc
    except smtplib.SMTPAuthenticationError as exc:
        raise _answered(server, exc, "notify.smtp-login-refused") from exc
    except smtplib.SMTPResponseException as exc:
        raise _answered(server, exc, "notify.smtp-refused") from exc
    except smtplib.SMTPNotSupportedError as exc:
        raise DataError(
            f"{server} cannot do what is needed ({exc}); use another server or other settings",
            code="notify.smtp-refused",
        ) from exc
    except (smtplib.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError) as exc:
        raise TransientError(
            f"{server} broke off the exchange ({exc}); the message may have arrived, and the next "
            "attempt carries the same Message-ID",
            code="notify.smtp-broken-off",
        ) from exc
    except (smtplib.SMTPException, OSError) as exc:
        raise UnreachableError(
            f"{server} cannot be talked to ({type(exc).__name__}: {exc}); check that it is up "
            "and that host, port, and security fit together",
            code="notify.smtp-unreachable",
        ) from exc


def _answered(
    server: Server, failure: smtplib.SMTPResponseException, refused_as: str
) -> TenutoError:
    said = f"{server} answered {failure.smtp_code} {_text(failure.smtp_error)}"
    details = {"status": failure.smtp_code}
    if 400 <= failure.smtp_code < 500 or failure.smtp_code < 0:
        return TransientError(
            f"{said}; it is tried again under the retry policy",
            code="notify.smtp-try-later",
            details=details,
        )
    if refused_as == "notify.smtp-login-refused":
        return DataError(
            f"{said}; check TENUTO_SMTP_USER and the password's reference",
            code="notify.smtp-login-refused",
            details=details,
        )
    return DataError(
        f"{said}; another attempt will not help", code="notify.smtp-refused", details=details
    )


def _text(said: bytes | str) -> str:
    """An answer as one line that is safe in a log."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
