"""Many small Parquet files as one table, without holding it in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl


def joined(files: Sequence[Path], schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """The rows of all files in order, with exactly the columns of `schema`.

    A column that a file does not have is missing (null) there. The types must be equal.
    """
    if not files:
        return pl.LazyFrame(schema=dict(schema))
    return pl.scan_parquet(list(files), schema=dict(schema), missing_columns="insert", glob=False)


def cast_and_joined(files: Sequence[Path], schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """The rows of all files in order, every column cast to its type in `schema`."""
    if not files:
        return pl.LazyFrame(schema=dict(schema))
    casts = [pl.col(name).cast(dtype) for name, dtype in schema.items()]
    return pl.concat([pl.scan_parquet(file, glob=False).select(casts) for file in files])
