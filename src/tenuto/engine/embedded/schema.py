"""What tables a database has, and an empty one made by the server binary itself."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType

from tenuto.core.errors import CorruptError, UnreachableError, UsageError
from tenuto.engine.embedded.binary import ServerBinary
from tenuto.engine.embedded.environment import server_environment
from tenuto.engine.embedded.guard import guarded
from tenuto.engine.embedded.ports import choose_ports
from tenuto.engine.embedded.recipe import Profile, server_arguments

_PATIENCE_S = 30.0
_POLL_S = 0.005
_NAME = "fresh.db"

Columns = frozenset[tuple[str, str]]
"""(table, column) pairs."""


@contextmanager
def fresh_database(
    binary: ServerBinary,
    folder: Path,
    lock_descriptor: int,
    search_attributes: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Path]:
    """A database as `binary` makes it, settled, all indexes in place; gone after the block.

    The binary creates tables only in a file that does not exist, statement by statement, and
    writes its namespace last. So it is booted on a file of its own in `folder` (about 0.1 s)
    and killed as soon as that namespace is in: a kill -9 at any moment leaves no half-made
    database behind. Raises UnreachableError with the log when it makes none.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        arguments = server_arguments(
            Profile.FAST, choose_ports(frontend=0), _NAME, search_attributes
        )
        _boot_until_created(binary, arguments, folder, lock_descriptor)
        settle(folder / _NAME)
        yield folder / _NAME
    finally:
        shutil.rmtree(folder)


def settle(database: Path) -> None:
    """Makes the file alone complete: its write-ahead log moved into it and gone.

    Raises UsageError when another process has it open, CorruptError for what is not a database.
    """
    if not fold_log(database):
        raise UsageError(
            f"{database} is open in another process. Close the program that reads or copies it,"
            " then start again.",
            code="embedded.database-in-use",
        )


def fold_log(database: Path) -> bool:
    """Moves the write-ahead log into the file; False when another process has the file open,
    and the log, of which nothing is lost, stays. Raises CorruptError for what is no database."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as error:
        raise CorruptError(
            f"{database} cannot be read as a database: {error}. Restore a backup, or move the file"
            " away to start empty.",
            code="embedded.database-unreadable",
        ) from error
    # The last one to close a database removes its log.
    return not is_busy and not _log_of(database).exists()


def drop_log(database: Path) -> None:
    """Removes what a deleted database left behind: a stale log would be replayed into whatever
    file takes its place."""
    _log_of(database).unlink(missing_ok=True)
    database.with_name(database.name + "-shm").unlink(missing_ok=True)


def _log_of(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def all_columns(connection: sqlite3.Connection) -> Columns:
    """Every column of every table, generated and virtual ones included."""
    return _columns(
        connection,
        "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c"
        " WHERE t.schema = 'main'",
    )


def stored_columns(connection: sqlite3.Connection) -> Columns:
    """Columns that rows carry: of ordinary tables, not generated. Triggers fill the rest."""
    return _columns(
        connection,
        "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c"
        " WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
        " AND c.hidden = 0",
    )


def has_namespaces(connection: sqlite3.Connection) -> bool:
    """Whether a server finished making this database: it writes its first namespace last."""
    try:
        return bool(connection.execute("SELECT count(*) FROM namespaces").fetchone()[0])
    except sqlite3.OperationalError:  # no such table, or the server is at it
        return False


def _columns(connection: sqlite3.Connection, query: str) -> Columns:
    return frozenset((str(table), str(column)) for table, column in connection.execute(query))


def _boot_until_created(
    binary: ServerBinary, arguments: list[str], folder: Path, lock_descriptor: int
) -> None:
    log = folder / "boot.log"
    server = subprocess.Popen(
        guarded([str(binary.path), *arguments], log=log, lock_descriptor=lock_descriptor),
        cwd=folder,
        env=server_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=[lock_descriptor],
    )
    with server:
        deadline = time.monotonic() + _PATIENCE_S
        while server.poll() is None and time.monotonic() < deadline:
            if _is_created(folder / _NAME):
                break
            time.sleep(_POLL_S)
        else:
            raise UnreachableError(
                f"{binary} made no database within {_PATIENCE_S:.0f} s:"
                f" {log.read_text('utf-8', 'replace')[-2000:].strip() or 'it says nothing'}",
                code="embedded.start-failed",
            )
        assert server.stdin is not None  # noqa: S101 (a pipe was asked for)
        server.stdin.close()


def _is_created(database: Path) -> bool:
    if not database.exists():
        return False
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True)) as connection:
        return has_namespaces(connection)
