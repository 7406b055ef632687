"""Where rows go: a configured destination as dlt's, with its credentials and its lock."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from ssl import create_default_context
from typing import TYPE_CHECKING, Any

import dlt

from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import UsageError
from tenuto.packs.sync.activities.loading.duckdb_files import TypedDuckDB
from tenuto.packs.sync.activities.loading.locks import writing
from tenuto.packs.sync.configuration import (
    LOCAL,
    Destination,
    DuckDB,
    Filesystem,
    PostgreSQL,
    Source,
    SqlAlchemy,
    SyncFile,
)

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

# SQLAlchemy is imported where a database needs it: each load is a process of its own, and waits
# for what it imports.

_MAIN = "main"
"""DuckDB's own schema, for a file of one dataset: `select * from orders` finds the table."""

_REPLACED = "insert-from-staging"
"""Readers see the old rows or the new ones of a replaced table, never an empty one."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A destination, ready to be written."""

    destination: Any
    dataset: str
    """Schema of the tables."""
    words: str
    """Where it is, for people."""
    writer: str
    """Names the place that one writes at a time."""
    secrets: tuple[str, ...] = ()
    """What must not appear in messages."""
    has_sql: bool = True
    """Whether tables can be asked for what they hold."""
    engine: "Engine | None" = None
    file: Path | None = None
    """Of a DuckDB, which opening it would make."""

    @property
    def is_there(self) -> bool:
        """Whether it can be asked without making it."""
        return self.file is None or self.file.exists()

    @contextlib.contextmanager
    def alone(self, locks: Path, say: Callable[[str], None]) -> Iterator[None]:
        """Nobody else writes to the place within the block, from other machines neither where
        the destination is a PostgreSQL."""
        with writing(locks, self.writer, say), _held_by_server(self.engine, self.writer):
            yield


def target_of(content: SyncFile, source: Source, name: str, root: Path, state: Path) -> Target:
    """The destination of a source. Raises UsageError for one that cannot be."""
    destination: Destination = (
        content.destinations[source.destination] if source.destination else LOCAL
    )
    dataset = source.dataset or name
    match destination:
        case DuckDB():
            return _duckdb(destination, dataset, root, state)
        case PostgreSQL():
            return _postgres(destination, dataset)
        case SqlAlchemy():
            return _sqlalchemy(destination, dataset)
        case Filesystem():
            return _filesystem(destination, dataset, root)


def _duckdb(wanted: DuckDB, dataset: str, root: Path, state: Path) -> Target:
    path = (root / wanted.path) if wanted.path else state / "sync" / f"{dataset}.duckdb"
    schema = dataset if wanted.path else _MAIN
    if path.stem == schema:
        raise UsageError(
            f"the DuckDB file `{path.name}` and its dataset `{dataset}` have the same name, which"
            " DuckDB cannot keep apart; name the file or the dataset differently in sync.yaml",
            code="sync.duckdb-name",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return Target(
        destination=TypedDuckDB(str(path), replace_strategy=_REPLACED),
        dataset=schema,
        words=f"{path}, schema {schema}",
        writer=_short("duckdb", str(path.resolve())),
        file=path,
    )


def _postgres(wanted: PostgreSQL, dataset: str) -> Target:
    import sqlalchemy as sa

    from tenuto.activities.in_the_clear import is_loopback

    password = resolve_secret(wanted.password).get_secret_value()
    url = sa.URL.create(
        "postgresql+pg8000",
        username=wanted.user,
        password=password,
        host=wanted.host,
        port=wanted.port,
        database=wanted.database,
    )
    if not wanted.tls and not is_loopback(wanted.host):
        raise UsageError(
            f"`tls: false` would send the password and every row to `{wanted.host}` in the clear;"
            " remove it, or load through a tunnel that ends on this machine",
            code="sync.destination-in-the-clear",
        )
    return _database(url, dataset, {"ssl_context": create_default_context()} if wanted.tls else {})


def _sqlalchemy(wanted: SqlAlchemy, dataset: str) -> Target:
    import sqlalchemy as sa

    try:
        url = sa.make_url(wanted.url)
    except (sa.exc.ArgumentError, ValueError):
        raise UsageError(
            "`url` of a destination is not a database URL (not shown here, since it may hold a"
            " password); write `dialect+driver://user@host/database`",
            code="sync.destination-url",
        ) from None
    if url.password is not None:
        raise UsageError(
            "`url` of a destination holds a password; write it as"
            " `password: secret://env/NAME` beside it",
            code="sync.destination-url",
        )
    if wanted.password is not None:
        url = url.set(password=resolve_secret(wanted.password).get_secret_value())
    return _database(url, dataset, {})


def _database(url: "URL", dataset: str, options: dict[str, Any]) -> Target:
    import sqlalchemy as sa

    try:
        engine = sa.create_engine(url, hide_parameters=True, connect_args=options)
    except (sa.exc.NoSuchModuleError, ModuleNotFoundError) as missing:
        raise UsageError(
            f"there is no driver for `{url.drivername}` on this worker; install the package that"
            " brings it, or write another driver into the destination's `url`",
            code="sync.destination-driver",
        ) from missing
    where = f"{url.host}:{url.port}" if url.port else url.host or ""
    words = f"{url.get_backend_name()}://{where}/{url.database or ''}"
    return Target(
        destination=dlt.destinations.sqlalchemy(engine, replace_strategy=_REPLACED),
        dataset=dataset,
        words=f"{words}, schema {dataset}",
        writer=_short("sql", f"{words}/{dataset}"),
        secrets=(str(url.password),) if url.password else (),
        engine=engine,
    )


def _filesystem(wanted: Filesystem, dataset: str, root: Path) -> Target:
    url = wanted.url if "://" in wanted.url else str((root / wanted.url).resolve())
    options = {
        key: resolve_secret(each).get_secret_value() if each.startswith("secret://") else each
        for key, each in wanted.options.items()
    }
    return Target(
        destination=dlt.destinations.filesystem(bucket_url=url, kwargs=options or None),
        dataset=dataset,
        words=f"{url}/{dataset}",
        writer=_short("files", f"{url}/{dataset}"),
        secrets=tuple(options.values()),
        has_sql=False,
    )


@contextlib.contextmanager
def _held_by_server(engine: "Engine | None", writer: str) -> Iterator[None]:
    """PostgreSQL lets go of the lock when the connection ends, however it ends."""
    if engine is None or engine.dialect.name != "postgresql":
        yield
        return
    import sqlalchemy as sa

    number = int.from_bytes(hashlib.sha256(writer.encode()).digest()[:8], "big", signed=True)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:number)"), {"number": number})
        connection.commit()
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:number)"), {"number": number})
            connection.commit()


def _short(kind: str, place: str) -> str:
    return f"{kind}-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
