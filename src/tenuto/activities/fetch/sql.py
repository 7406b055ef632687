"""`fetch.sql`: one SELECT, streamed in chunks into one dataset."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from temporalio import activity

from tenuto.activities.fetch.columns import zones_known
from tenuto.activities.fetch.pieces import cast_and_joined
from tenuto.activities.fetch.sql_connection import reading_connection
from tenuto.activities.fetch.sql_statement import select_statement
from tenuto.activities.fetch.sql_table import table_query
from tenuto.activities.fetch.sql_values import (
    POSTGRES_KINDS,
    DeclaredColumn,
    FoundColumn,
    Kind,
    ReadColumn,
)
from tenuto.activities.fetch.sql_watch import shielded, watched
from tenuto.activities.heartbeat import stop_if_cancelled
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.sql import FetchSqlRequest, FetchSqlResult, fetch_sql
from tenuto.core.errors import DataError

_CHUNK_BYTES = 32 * 1024 * 1024
_FEWEST_ROWS, _MOST_ROWS = 200, 50_000


@implements(fetch_sql)
def fetch(request: FetchSqlRequest) -> FetchSqlResult:
    """Every row of the query, in the database's order.

    Holds one chunk of rows in memory. Raises as `sql_statement`, `sql_table`, `sql_connection`
    and `sql_errors` say, and DataError for values that do not fit, `fetch.too-many-rows`,
    `fetch.too-many-bytes`.
    """
    zones_known(request.columns)
    store = current_store()
    with tempfile.TemporaryDirectory(prefix="tenuto-fetch-") as folder:
        with shielded():
            table = _read(request, Path(folder))
        dataset = store.put_table(table.as_frame(), name=request.name)
    return FetchSqlResult(dataset=dataset, rows=table.rows, bytes=table.bytes)


@dataclass(frozen=True)
class _Source:
    """A column of the dataset, and where it is in a row."""

    name: str
    position: int
    column: ReadColumn


@dataclass
class _Table:
    """What has been read so far: chunks on disk, and what is known of the columns."""

    sources: list[_Source]
    folder: Path
    files: list[Path] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0

    def add(self, chunk: Sequence[Sequence[Any]]) -> None:
        """Writes the rows to disk."""
        values = list(zip(*chunk, strict=True))
        frame = pl.DataFrame(
            [
                source.column.read(values[source.position], self.rows).rename(source.name)
                for source in self.sources
            ]
        )
        file = self.folder / f"{len(self.files)}.parquet"
        frame.write_parquet(file, compression="lz4", statistics=False)
        self.files.append(file)
        self.rows += frame.height
        self.bytes += int(frame.estimated_size())

    def as_frame(self) -> pl.LazyFrame:
        """All rows, each column in the one type that holds all of its values."""
        return cast_and_joined(
            self.files, {each.name: each.column.dtype() for each in self.sources}
        )


def _read(request: FetchSqlRequest, folder: Path) -> _Table:
    with reading_connection(request) as connection:
        statement, of_table = _statement(connection, request)
        options = {"stream_results": True, "max_row_buffer": _MOST_ROWS}
        with (
            watched(connection, request.timeout) as check,
            connection.execute(statement, execution_options=options) as result,
        ):
            table = _Table(_sources(result, request.columns, of_table), folder)
            for chunk in _chunks(result, table):
                table.add(chunk)
                _refuse_too_much(request, table)
                _report(table)
                check()
    return table


def _statement(
    connection: sa.Connection, request: FetchSqlRequest
) -> tuple[sa.Executable, tuple[ColumnSpec, ...]]:
    if request.query is not None:
        return select_statement(request.query, request.parameters), ()
    query = table_query(connection, request)
    return query.statement, query.columns


def _chunks(result: sa.CursorResult[Any], table: _Table) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows in groups of about 32 MiB, by the size of those that came before."""
    size = _FEWEST_ROWS
    while chunk := result.fetchmany(size):
        yield chunk
        per_row = max(table.bytes // max(table.rows, 1), 1)
        size = min(max(_CHUNK_BYTES // per_row, _FEWEST_ROWS), _MOST_ROWS)


def _sources(
    result: sa.CursorResult[Any],
    declared: tuple[ColumnSpec, ...],
    of_table: tuple[ColumnSpec, ...],
) -> list[_Source]:
    names = list(result.keys())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"The query gives {_list(twice)} more than once; name every column with AS.",
            code="fetch.sql-column-twice",
        )
    if declared:
        return [_declared_source(spec, names) for spec in declared]
    certain = {spec.name: spec for spec in of_table}
    hints = _hints(result)
    return [
        _Source(
            name,
            at,
            DeclaredColumn(certain[name]) if name in certain else FoundColumn(name, hints[at]),
        )
        for at, name in enumerate(names)
    ]


def _declared_source(spec: ColumnSpec, names: list[str]) -> _Source:
    if spec.source_name not in names:
        raise DataError(
            f"The query gives no column `{spec.source_name}`, only {_list(names)}; correct the "
            f"query, or `source` of column `{spec.name}`.",
            code="fetch.column-missing",
            details={"column": spec.name},
        )
    return _Source(spec.name, names.index(spec.source_name), DeclaredColumn(spec))


def _hints(result: sa.CursorResult[Any]) -> list[Kind]:
    """The kind of each column as the database describes it, as far as it does."""
    description: Sequence[Any] = result.cursor.description or ()
    kinds = POSTGRES_KINDS if result.dialect.name == "postgresql" else {}
    return [kinds.get(each[1], "text") for each in description]


def _refuse_too_much(request: FetchSqlRequest, table: _Table) -> None:
    if table.rows > request.max_rows:
        raise DataError(
            f"The query has more than {request.max_rows:,} rows; ask for fewer, or raise "
            "`max_rows`.",
            code="fetch.too-many-rows",
        )
    if table.bytes > request.max_bytes:
        raise DataError(
            f"The first {table.rows:,} rows take {table.bytes:,} bytes, and {request.max_bytes:,} "
            "are allowed; ask for fewer rows or columns, or raise `max_bytes`.",
            code="fetch.too-many-bytes",
        )


def _report(table: _Table) -> None:
    stop_if_cancelled()
    if activity.in_activity():
        activity.heartbeat({"rows": table.rows, "message": "reading"})


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
