"""Tables as Parquet: equal rows in equal order give equal bytes."""

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

from tenuto.core.errors import DataError, UsageError
from tenuto.core.references import Column

if TYPE_CHECKING:
    import polars as pl

_ROWS_PER_GROUP = 131_072
_ZSTD_LEVEL = 3


def write_table(frame: "pl.DataFrame | pl.LazyFrame", target: Path) -> tuple[int, list[Column]]:
    """Writes Parquet and returns what a reader will find: the rows, and the columns in order.

    A lazy frame is streamed, so it need not fit into memory. The bytes depend on the rows,
    their order, the column types and the version of polars, and on nothing else: neither on
    threads, nor on how the frame is chunked, nor on the time. Raises UsageError for a frame
    without columns.
    """
    polars = _polars()
    lazy: pl.LazyFrame = frame.lazy()
    if not lazy.collect_schema():
        raise UsageError(
            "This table has no columns; a stored table needs at least one, though it may have "
            "no rows.",
            code="artifact.no-columns",
        )
    # Opened here: given a path, polars may create the file after it has raised an error.
    with target.open("wb") as file:
        lazy.sink_parquet(
            file,
            compression="zstd",
            compression_level=_ZSTD_LEVEL,
            row_group_size=_ROWS_PER_GROUP,
            statistics=True,
            maintain_order=True,
        )
    stored: pl.LazyFrame = polars.scan_parquet(target, glob=False)
    columns = [
        Column(name=name, dtype=_dtype_name(dtype))
        for name, dtype in stored.collect_schema().items()
    ]
    return stored.select(polars.len()).collect().item(), columns


def read_table(file: BinaryIO, described: str) -> "pl.DataFrame":
    """All rows and columns. Raises DataError when the file is not Parquet."""
    return scan_table(file, described).collect()


def scan_table(file: BinaryIO, described: str) -> "pl.LazyFrame":
    """The table, read when collected. It keeps the file open itself, also after `file` closes.

    Raises DataError when the file is not Parquet.
    """
    polars = _polars()
    try:
        frame: pl.LazyFrame = polars.scan_parquet(file)
        frame.collect_schema()
    except polars.exceptions.PolarsError as wrong:
        raise DataError(
            f"Artifact {described} is not a table: {wrong}. Read it with `get_bytes`, or check "
            "which artifact was meant.",
            code="artifact.not-a-table",
        ) from wrong
    return frame


def _dtype_name(dtype: "pl.DataType") -> str:
    if isinstance(dtype, _polars().Decimal):
        return f"Decimal({dtype.precision}, {dtype.scale})"
    return str(dtype)


def _polars() -> ModuleType:
    try:
        import polars as pl
    except ModuleNotFoundError as missing:
        raise UsageError(
            "Tables need polars, which is not installed; run `pip install 'tenuto[data]'`.",
            code="artifact.polars-missing",
        ) from missing
    return pl
