"""One DuckDB of one matching run: bounded memory, its own folder, gone when the run is over."""

import contextlib
import contextvars
import fcntl
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
from temporalio import activity
from temporalio.exceptions import CancelledError

from tenuto.activities.heartbeat import beat
from tenuto.core.errors import DataError, TenutoError, TransientError, UsageError
from tenuto.packs.finance.reconciliation.models import Resources

_PREFIX = "tenuto-matching-"
_PLACEHOLDER = re.compile(r"\$(p\d+)\b")
_WATCH_S = 0.2
_BYTES_PER_ROW = 200


class Engine:
    """Runs statements; every value in them is bound, every name quoted."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        self._values: dict[str, Any] = {}
        self.folder = folder
        """Where files of this run may be written; it is removed with the run."""

    def bind(self, value: Any) -> str:
        """The placeholder that stands for `value` in later statements."""
        name = f"p{len(self._values)}"
        self._values[name] = value
        return f"${name}"

    def run(self, statement: str, what: str = "") -> None:
        """Executes one statement; `what` is what the run is said to be doing."""
        self._execute(statement, what)

    def rows(self, statement: str, what: str = "") -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        return self._execute(statement, what).fetchall()

    def row(self, statement: str, what: str = "") -> tuple[Any, ...]:
        """The one row of a result."""
        (found,) = self.rows(statement, what)
        return found

    def count(self, table: str) -> int:
        """Rows of a table."""
        return int(self.row(f"SELECT count(*) FROM {table}")[0])  # noqa: S608 (our own table)

    def copy(self, query: str, path: Path) -> None:
        """Writes the rows of `query`, in its order, to a Parquet file."""
        name = str(path).replace("'", "''")  # COPY takes no bound value
        self.run(f"COPY ({query}) TO '{name}' (FORMAT parquet, COMPRESSION zstd)")

    def fill(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """A new table of a few thousand rows at most."""
        self.run(f"CREATE OR REPLACE TABLE {table} ({columns})")
        if not rows:
            return
        marks = ", ".join("?" for _ in rows[0])
        with _translated():
            self._connection.executemany(
                f"INSERT INTO {table} VALUES ({marks})",  # noqa: S608 (our own table)
                rows,
            )

    def _execute(self, statement: str, what: str) -> duckdb.DuckDBPyConnection:
        beat(what or "matching")
        used = {name: self._values[name] for name in _PLACEHOLDER.findall(statement)}
        with _translated():
            return self._connection.execute(statement, used or None)


@contextlib.contextmanager
def opened(resources: Resources, rows: int) -> Iterator[Engine]:
    """An empty database for about `rows` rows, which spills to a temporary folder instead of using
    more memory than it may.

    The folder is removed in any case; one that a killed process left behind, by the next run.
    Raises CancelledError soon after the activity is cancelled, also inside a long statement.
    """
    _remove_abandoned()
    with _own_folder() as folder:
        fits = rows * _BYTES_PER_ROW * 2 < resources.memory_mb * 1_000_000
        connection = duckdb.connect(
            # In memory, tables are not compressed: faster to write, dearer to spill.
            ":memory:" if fits else str(folder / "matching.duckdb"),
            config={
                "memory_limit": f"{resources.memory_mb}MB",
                "threads": resources.threads,
                "temp_directory": str(folder / "spill"),
                "preserve_insertion_order": True,
                "autoinstall_known_extensions": False,
            },
        )
        try:
            with _interrupted_when_cancelled(connection):
                yield Engine(connection, folder)
        finally:
            connection.close()


@contextlib.contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder whose lock is held for as long as this process lives."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        folder = Path(name)
        with (folder / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its process lives
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _interrupted_when_cancelled(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A statement runs outside of Python, where no cancellation arrives: a second thread waits."""
    if not activity.in_activity():
        yield
        return
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_WATCH_S):
            if activity.is_cancelled():
                connection.interrupt()

    watcher = threading.Thread(target=contextvars.copy_context().run, args=(watch,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TenutoError:
        raise
    except duckdb.InterruptException as exc:
        raise CancelledError("matching was cancelled") from exc
    except duckdb.OutOfMemoryException as exc:
        raise UsageError(
            f"Matching ran out of its memory or disk: {_first_line(exc)}; raise "
            "`resources.memory_mb`, or free space where temporary files go.",
            code="reconciliation.out-of-memory",
        ) from exc
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as exc:
        raise DataError(
            f"A number does not fit while matching: {_first_line(exc)}; look for an amount with a "
            "misplaced decimal point.",
            code="reconciliation.number-too-large",
        ) from exc
    except duckdb.IOException as exc:
        raise TransientError(
            f"The matching database cannot be written: {_first_line(exc)}; free space where "
            "temporary files go. It is tried again under the retry policy.",
            code="reconciliation.disk-failed",
        ) from exc


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
