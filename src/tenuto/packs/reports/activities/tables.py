"""Stored tables on their way to a template: the first rows, and sums over all of them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset
from tenuto.packs.reports.rendering.job import Kind, TablePart


def table_part(store: ArtifactStore, table: Dataset, shown: int) -> TablePart:
    """The first `shown` rows, how many there are, and a sum for each column of numbers."""
    frame = store.scan_table(table)
    schema = frame.collect_schema()
    columns = {name: kind_of(dtype) for name, dtype in schema.items()}
    rows = frame.head(shown).collect()
    return TablePart(
        columns=columns,
        rows=tuple(tuple(_cell(value) for value in row) for row in rows.iter_rows()),
        total=table.rows,
        sums=_sums(frame, columns),
    )


def kind_of(dtype: pl.DataType) -> Kind:
    """What a cell of this type is to a template."""
    if isinstance(dtype, pl.Decimal):
        return "decimal"
    if isinstance(dtype, pl.Datetime):
        return "datetime"
    if dtype.is_integer():
        return "int"
    if dtype.is_float():
        return "float"
    if dtype == pl.Date:
        return "date"
    return "bool" if dtype == pl.Boolean else "text"


def _sums(frame: pl.LazyFrame, columns: dict[str, Kind]) -> dict[str, Any]:
    numbers = [name for name, kind in columns.items() if kind in ("int", "decimal", "float")]
    if not numbers:
        return {}
    sums = frame.select(
        pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in numbers
    ).collect()
    return {name: _cell(sums[name][0]) for name in numbers}


def _cell(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value == value and abs(value) != float("inf") else None
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat()
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()
        case _:
            return str(value)
