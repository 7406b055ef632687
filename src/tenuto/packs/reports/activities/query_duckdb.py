"""A query on a DuckDB file or on one stored table: bound values, no writing, no other file."""

import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from sqlalchemy.engine.default import DefaultDialect

from tenuto.activities.fetch.pieces import cast_and_joined
from tenuto.activities.fetch.sql_statement import select_statement
from tenuto.activities.fetch.sql_values import FoundColumn, Kind
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError, NotFoundError, TransientError
from tenuto.core.references import Dataset
from tenuto.packs.reports.definition import Report

_CHUNK_ROWS = 20_000
_QUESTION_MARKS = DefaultDialect(paramstyle="qmark")
_KINDS: dict[str, Kind] = {
    "BOOLEAN": "boolean",
    "BLOB": "binary",
    "DATE": "date",
    "DOUBLE": "float",
    "FLOAT": "float",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "datetime",
}
"""Types of columns without a value; integers and decimals follow by their names."""


def read_file(
    file: Path,
    query: str,
    values: Mapping[str, Any],
    report: Report,
    name: str,
    store: ArtifactStore,
) -> Dataset:
    """The rows of a query on a DuckDB file, opened read-only.

    Raises NotFoundError `reports.no-duckdb-file`; DataError `reports.query-refused`,
    `reports.too-many-rows`; TransientError `reports.duckdb-busy`, `reports.query-timeout`; and
    what `select_statement` raises.
    """
    if not file.is_file():
        raise NotFoundError(
            f"There is no DuckDB file {file} on this worker; a path is relative to the project.",
            code="reports.no-duckdb-file",
        )
    with _translated(report, name):
        connection = duckdb.connect(str(file), read_only=True)
    try:
        return _read(connection, query, values, report, name, store)
    finally:
        connection.close()


def read_stored(
    table: Dataset,
    query: str,
    values: Mapping[str, Any],
    report: Report,
    name: str,
    store: ArtifactStore,
) -> Dataset:
    """The rows of a query on one stored table, which it calls `data`. Raises as `read_file`."""
    with store.local_path(table) as path, duckdb.connect() as connection:
        source = connection.read_parquet(str(path))
        source.create_view("data")
        connection.execute("SET allowed_paths = [?]", [str(path)])
        return _read(connection, query, values, report, name, store)


def _read(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    values: Mapping[str, Any],
    report: Report,
    name: str,
    store: ArtifactStore,
) -> Dataset:
    text, ordered = _positional(query, values)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    with tempfile.TemporaryDirectory(prefix="tenuto-report-") as folder:
        with _translated(report, name), _limited(connection, report):
            connection.execute(text, ordered)
            columns = _columns(connection.description or ())
            files = _write_chunks(connection, columns, Path(folder), report, name)
        schema = {each.name: each.dtype() for each in columns}
        return store.put_table(cast_and_joined(files, schema), name=name)


def _positional(query: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The query with `?` for each `:name`, and the values in that order."""
    shown = {each: str(value) for each, value in values.items()}
    compiled = select_statement(query, shown).compile(dialect=_QUESTION_MARKS)
    return compiled.string, [values[each] for each in compiled.positiontup or ()]


def _columns(description: Sequence[Any]) -> list[FoundColumn]:
    names = [each[0] for each in description]
    twice = sorted({each for each in names if names.count(each) > 1})
    if twice:
        raise DataError(
            f"The query gives `{twice[0]}` more than once; name every column with AS.",
            code="fetch.sql-column-twice",
        )
    return [FoundColumn(each[0], _kind(str(each[1]))) for each in description]


def _kind(type_name: str) -> Kind:
    if "INT" in type_name:
        return "integer"
    return "decimal" if type_name.startswith("DECIMAL") else _KINDS.get(type_name, "text")


def _write_chunks(
    connection: duckdb.DuckDBPyConnection,
    columns: list[FoundColumn],
    folder: Path,
    report: Report,
    name: str,
) -> list[Path]:
    files: list[Path] = []
    rows = 0
    while chunk := connection.fetchmany(_CHUNK_ROWS):
        cells = list(zip(*chunk, strict=True))
        frame = pl.DataFrame(
            [column.read(cells[at], rows).rename(column.name) for at, column in enumerate(columns)]
        )
        rows += len(chunk)
        if rows > report.max_rows:
            raise DataError(
                f"Query `{name}` has more than {report.max_rows:,} rows; aggregate in the query, "
                "or raise `max_rows`.",
                code="reports.too-many-rows",
            )
        files.append(folder / f"{len(files)}.parquet")
        frame.write_parquet(files[-1], compression="lz4", statistics=False)
        beat(f"{name}: {rows:,} rows")
    return files


@contextmanager
def _limited(connection: duckdb.DuckDBPyConnection, report: Report) -> Iterator[None]:
    """Stops the query when its time is over."""
    timer = threading.Timer(report.timeout.total_seconds(), connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _translated(report: Report, name: str) -> Iterator[None]:
    """The one place where DuckDB's errors become ours."""
    try:
        yield
    except duckdb.InterruptException as exc:
        raise TransientError(
            f"Query `{name}` took longer than {report.timeout}, so it was stopped. It is tried "
            "again; if it always takes this long, raise `timeout`, or ask for less.",
            code="reports.query-timeout",
        ) from exc
    except duckdb.IOException as exc:
        raise TransientError(
            f"Query `{name}`: DuckDB cannot read its file now ({_said(exc)}); whoever writes it "
            "holds it. It is tried again.",
            code="reports.duckdb-busy",
        ) from exc
    except duckdb.Error as exc:
        raise DataError(
            f"Query `{name}` is refused by DuckDB: {_said(exc)}. Correct the query.",
            code="reports.query-refused",
        ) from exc


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:500].rstrip(".")
