"""A connection that only reads, and every error of a database as one of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tenuto.activities.fetch.sql_errors import Secrets, translated
from tenuto.activities.secrets import resolve_secret
from tenuto.catalog.library.fetch.sql import FetchSqlRequest
from tenuto.core.errors import NotFoundError, UsageError

_SOCKET_GRACE_S = 5
"""The query's own time limit comes first, because it says what happened."""

_INSTALL = {
    backend: f"`pip install {package}` and write `{backend}+{driver}://`"
    for backend, package, driver in (
        ("postgresql", "'tenuto[fetch]'", "pg8000"),
        ("mysql", "pymysql", "pymysql"),
        ("mariadb", "pymysql", "pymysql"),
        ("mssql", "pymssql", "pymssql"),
        ("oracle", "oracledb", "oracledb"),
    )
}


@contextmanager
def reading_connection(request: FetchSqlRequest) -> Iterator[sa.Connection]:
    """A connection in a transaction that cannot write, where the database knows such.

    PostgreSQL: `SET TRANSACTION READ ONLY`, a statement timeout, and the time zone UTC. SQLite:
    `query_only`. Elsewhere only the rights of the user protect the database. Within the block
    every database error becomes one of ours (see `sql_errors.translated`). Raises UsageError
    `fetch.sql-url-invalid`, `fetch.sql-driver-missing`; NotFoundError `fetch.sql-no-database`.
    """
    url, secrets = _resolved(request)
    engine = _engine(url, request)
    try:
        with translated(url, secrets), engine.connect() as connection:
            _only_read(connection, request)
            yield connection
    finally:
        engine.dispose()


def _resolved(request: FetchSqlRequest) -> tuple[sa.URL, Secrets]:
    text = request.connection
    is_secret = text.startswith("secret://")
    if is_secret:
        text = resolve_secret(text).get_secret_value()
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError) as exc:
        raise _not_a_url() from (None if is_secret else exc)
    if request.password is not None:
        url = url.set(password=resolve_secret(request.password).get_secret_value())
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+pg8000")
    if url.get_backend_name() == "sqlite":
        _refuse_absent_file(url)
    return url, Secrets(password=str(url.password or ""), url=text if is_secret else "")


def _engine(url: sa.URL, request: FetchSqlRequest) -> sa.Engine:
    options = _options(url, request)
    try:
        return sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, **options)
    except (sa.exc.NoSuchModuleError, ModuleNotFoundError) as exc:
        advice = _INSTALL.get(url.get_backend_name(), "install the package that brings it")
        raise UsageError(
            f"There is no driver for `{url.drivername}` on this worker; {advice}.",
            code="fetch.sql-driver-missing",
        ) from exc
    except sa.exc.ArgumentError:
        raise _not_a_url() from None  # its message repeats the URL


def _options(url: sa.URL, request: FetchSqlRequest) -> dict[str, Any]:
    if url.drivername != "postgresql+pg8000":
        return {}
    # Left alone, the driver turns the numbers in JSON into floats, fails without a password, and
    # waits for ever for a server that is gone.
    given: dict[str, Any] = {"timeout": request.timeout.total_seconds() + _SOCKET_GRACE_S}
    if not url.password:
        given["password"] = ""
    return {"connect_args": given, "json_deserializer": str}


def _only_read(connection: sa.Connection, request: FetchSqlRequest) -> None:
    match connection.dialect.name:
        case "postgresql":
            limit_ms = round(request.timeout.total_seconds() * 1000)
            connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            connection.execute(sa.text(f"SET LOCAL statement_timeout = {limit_ms}"))
            connection.execute(sa.text("SET LOCAL TIME ZONE 'UTC'"))
        case "sqlite":
            connection.execute(sa.text("PRAGMA query_only = ON"))


def _refuse_absent_file(url: sa.URL) -> None:
    """SQLite would make an empty database of a misspelt path."""
    path = url.database or ""
    if path.startswith("file:"):
        raise _not_a_url()
    if not Path(path).is_file():
        raise NotFoundError(
            f"There is no SQLite database `{path or ':memory:'}` on this worker; four slashes "
            "begin an absolute path: `sqlite:////data/book.db`.",
            code="fetch.sql-no-database",
        )


def _not_a_url() -> UsageError:
    return UsageError(
        "`connection` is not a database URL (not shown here, since it may hold a password), or has "
        "a part that the database does not take; write `postgresql+pg8000://user@host/database`, "
        "or `sqlite:////path/to/file.db` without a password.",
        code="fetch.sql-url-invalid",
    )
