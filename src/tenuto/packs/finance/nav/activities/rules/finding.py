"""How a rule says what it found."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from tenuto.packs.finance.models import Problem

Row = dict[str, Any]


def rows(table: pl.DataFrame, condition: pl.Expr) -> Iterator[Row]:
    """The rows for which `condition` is true; null is not true."""
    return table.filter(condition).iter_rows(named=True)


def at(row: Row, code: str, field: str | None, found: str, remedy: str) -> Problem:
    """A problem in one row of a file, with the row's instrument where it has one."""
    return Problem(
        code=code,
        file=row["file"],
        row=row["row"],
        field=field,
        found=found,
        remedy=remedy,
        instrument_id=row.get("instrument_id"),
    )


def not_positive(table: pl.DataFrame, *fields: str) -> Iterator[Problem]:
    """A problem for every amount of zero or less in `fields`."""
    for field in fields:
        for row in rows(table, pl.col(field) <= 0):
            found = f"the {field.replace('_', ' ')} is {shown(row[field])}"
            yield at(row, "nav.not-positive", field, found, "write an amount above 0")


def repeated(table: pl.DataFrame, keys: Sequence[str], code: str, remedy: str) -> Iterator[Problem]:
    """A problem for every row whose keys an earlier row has already; it names both rows."""
    known = table.filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys))
    first = _with_same(known, keys).with_columns(
        pl.col("row").first().over(keys, order_by=["file", "row"]).alias("first_row"),
        pl.int_range(pl.len()).over(keys, order_by=["file", "row"]).alias("place"),
    )
    for row in rows(first.sort("file", "row"), pl.col("place") > 0):
        name = " ".join(str(row[key]) for key in keys)
        found = f"`{name}` is in rows {row['first_row']} and {row['row']}"
        yield at(row, code, keys[0], found, remedy)


def conflicting(
    table: pl.DataFrame, keys: Sequence[str], values: Sequence[str], code: str, remedy: str
) -> Iterator[Problem]:
    """A problem for every row whose values differ from an earlier row with the same keys."""
    order = ["file", "row"]
    first = _with_same(table, keys).with_columns(
        pl.struct(values).first().over(keys, order_by=order).alias("first_values"),
        pl.col("row").first().over(keys, order_by=order).alias("first_row"),
        pl.struct(values).alias("values"),
    )
    differs = pl.col("values") != pl.col("first_values")
    for row in rows(first.sort(order), differs):
        field = next(name for name in values if row[name] != row["first_values"][name])
        key = " ".join(str(row[name]) for name in keys)
        found = (
            f"{key} has {field} {shown(row['first_values'][field])} in row {row['first_row']}"
            f" and {shown(row[field])} in row {row['row']}"
        )
        yield at(row, code, field, found, remedy)


def _with_same(table: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The rows that share their keys with another row: few, where all is well."""
    return table.filter(pl.struct(keys).is_duplicated())


def shown(value: Any) -> str:
    """A value as a person writes it: `1.5`, not `1.5000000000`."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
