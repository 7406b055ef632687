"""Parquet files."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from tenuto.activities.fetch.files.chunks import ROW, ROWS, Chunk, OpenTable
from tenuto.activities.fetch.files.header import checked_header
from tenuto.activities.fetch.files.native import native_reader
from tenuto.catalog.library.fetch.files import FetchFilesRequest
from tenuto.core.errors import DataError


def read_parquet(name: str, path: Path, request: FetchFilesRequest) -> OpenTable:
    """The table with the types of the file; as text where columns are declared.

    Raises DataError `files.damaged`, `files.inexact-column` for a float where an exact number
    is declared.
    """
    table = pl.scan_parquet(path, glob=False)
    with native_reader(name, "Parquet file", PolarsError, OSError):
        schema = table.collect_schema()
    columns = checked_header(name, None, schema.names())
    if request.columns:
        _refuse_floats(name, schema, request)
        table = table.with_columns(_text(column, dtype) for column, dtype in schema.items())
    return OpenTable(
        columns=columns,
        chunks=_chunks(name, table),
        has_types=not request.columns,
        is_canonical=True,
    )


def _chunks(name: str, table: pl.LazyFrame) -> Iterator[Chunk]:
    numbered = table.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
    with native_reader(name, "Parquet file", PolarsError, OSError):
        batches = numbered.collect_batches(chunk_size=ROWS, maintain_order=True)
    while True:
        with native_reader(name, "Parquet file", PolarsError, OSError):
            frame = next(batches, None)
        if frame is None:
            return
        yield Chunk(rows=frame)


def _text(column: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        form = "%Y-%m-%dT%H:%M:%S%.f" + ("%z" if dtype.time_zone else "")
        return pl.col(column).dt.to_string(form)
    if dtype.is_nested():
        return pl.col(column).map_elements(str, return_dtype=pl.String)
    if dtype == pl.Binary:
        return pl.col(column).bin.encode("hex")
    return pl.col(column).cast(pl.String)


def _refuse_floats(name: str, schema: pl.Schema, request: FetchFilesRequest) -> None:
    for column in request.columns:
        dtype = schema.get(column.source_name)
        if column.kind in ("decimal", "integer") and dtype is not None and dtype.is_float():
            raise DataError(
                f"{name}: the column `{column.source_name}` holds {dtype}, which cannot hold a "
                f"{column.kind} exactly; have it written as decimals or text",
                code="files.inexact-column",
                details={"file": name, "column": column.source_name},
            )
