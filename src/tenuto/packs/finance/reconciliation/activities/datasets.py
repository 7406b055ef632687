"""Parquet files that were written outside of the store, as datasets in it."""

from pathlib import Path

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Column, Dataset


def store_parquet(store: ArtifactStore, path: Path, name: str) -> Dataset:
    """The file's table, stored in pieces; the file may be larger than memory."""
    stored = store.put_file(path, name=f"{name}.parquet")
    frame = pl.scan_parquet(path, glob=False)
    return Dataset(
        uri=stored.uri,
        sha256=stored.sha256,
        bytes=stored.bytes,
        rows=frame.select(pl.len()).collect().item(),
        columns=columns_of(frame.collect_schema()),
        name=name,
    )


def columns_of(schema: pl.Schema) -> tuple[Column, ...]:
    """The columns as references name them, for example `Decimal(38, 8)`."""
    return tuple(Column(name=name, dtype=_named(schema[name])) for name in schema)


def _named(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"Decimal({dtype.precision}, {dtype.scale})"
    return str(dtype)
