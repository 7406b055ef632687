"""The one place where errors of SQLAlchemy and of drivers become ours, without credentials."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from tenuto.core.errors import DataError, TenutoError, TransientError, UnreachableError

_TRY_AGAIN = ("08", "40", "53", "55P03", "57P")
"""SQLSTATE classes of PostgreSQL that may pass: connection lost, rolled back for another
transaction, out of resources, lock not available, operator intervention."""
_LOST = (ConnectionError, TimeoutError)
"""What a driver lets through from its socket."""
_TIMED_OUT = "57014"
_REFUSED_LOGIN = "28"
_SQLITE_MAY_PASS = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR})


@dataclass(frozen=True)
class Secrets:
    """What must not stand in an error."""

    password: str = field(repr=False)
    url: str = field(repr=False)

    def removed_from(self, text: str) -> str:
        """The text with asterisks in their place."""
        for secret in (self.url, self.password):
            text = text.replace(secret, "***") if secret else text
        return text


@contextmanager
def translated(url: sa.URL, secrets: Secrets) -> Iterator[None]:
    """Raises, for an error of the database inside:

    * UnreachableError `fetch.sql-unreachable`: no answer, or the login is refused;
    * TransientError `fetch.sql-timeout`, `fetch.sql-interrupted`;
    * DataError `fetch.sql-refused` with the database's own words.

    The cause is left out when a driver repeats a credential.
    """
    where = f"{url.get_backend_name()} at {url.host or url.database or 'an unnamed place'}"
    try:
        yield
    except (sa.exc.DBAPIError, *_LOST) as exc:
        error = _ours(exc, where, secrets)
        raise error from (exc if _is_clean(exc, secrets) else None)
    except sa.exc.SQLAlchemyError as exc:
        said = secrets.removed_from(str(exc).partition("\n")[0])
        raise DataError(
            f"The query cannot be sent to {where}: {said}. Correct the query.",
            code="fetch.sql-refused",
        ) from (exc if _is_clean(exc, secrets) else None)


def _ours(exc: Exception, where: str, secrets: Secrets) -> TenutoError:
    original = exc.orig if isinstance(exc, sa.exc.DBAPIError) else exc
    said, state = _said(original)
    said = secrets.removed_from(said)
    is_unreached = isinstance(exc, sa.exc.InterfaceError | ConnectionError | TimeoutError)
    if is_unreached or state.startswith(_REFUSED_LOGIN):
        return UnreachableError(
            f"{where} does not answer, or does not let us in: {said}. Check host, port, database, "
            "user, and the secret that holds the password.",
            code="fetch.sql-unreachable",
        )
    if state == _TIMED_OUT or _sqlite_code(original) == sqlite3.SQLITE_INTERRUPT:
        return TransientError(
            f"{where} was stopped before it had answered in full: {said}. It is tried again; if it "
            "always takes this long, raise `timeout`, or ask for less.",
            code="fetch.sql-timeout",
        )
    if state.startswith(_TRY_AGAIN) or _may_pass(exc, original):
        return TransientError(
            f"{where} broke off: {said}. It is tried again.", code="fetch.sql-interrupted"
        )
    return DataError(
        f"{where} refuses the query: {said}. Correct the query, or the rights of its user.",
        code="fetch.sql-refused",
    )


def _said(error: BaseException | None) -> tuple[str, str]:
    """The database's words, and its SQLSTATE where it gives one."""
    first = error.args[0] if error is not None and error.args else error
    if isinstance(first, dict):  # pg8000
        hint = f" ({first['H']})" if "H" in first else ""
        return f"{first.get('M', 'no message')}{hint}", str(first.get("C", ""))
    state = getattr(error, "sqlstate", None) or ""
    return " ".join(str(error).split()) or type(error).__name__, str(state)


def _may_pass(exc: Exception, original: BaseException | None) -> bool:
    code = _sqlite_code(original)
    if code is not None:
        return code & 0xFF in _SQLITE_MAY_PASS
    is_lost = isinstance(exc, sa.exc.DBAPIError) and exc.connection_invalidated
    return is_lost or isinstance(exc, sa.exc.OperationalError)


def _sqlite_code(error: BaseException | None) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and isinstance(error, sqlite3.Error):
        return sqlite3.SQLITE_ERROR
    return code


def _is_clean(exc: BaseException, secrets: Secrets) -> bool:
    """Whether no error in the chain of causes holds a credential."""
    seen: BaseException | None = exc
    while seen is not None:
        if secrets.removed_from(f"{seen}{seen.args}") != f"{seen}{seen.args}":
            return False
        seen = seen.__cause__ or seen.__context__
    return True
