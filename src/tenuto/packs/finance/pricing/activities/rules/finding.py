"""How a rule says what it found in a row of a file."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.packs.finance.models import Problem

Row = dict[str, Any]


def each(
    table: pl.DataFrame, wrong: pl.Expr, code: str, field: str, found: str, remedy: str
) -> Iterator[Problem]:
    """A problem for every row for which `wrong` is true; null is not true.

    `found` and `remedy` may name columns of the row in braces.
    """
    for row in table.filter(wrong).iter_rows(named=True):
        cells = {name: shown(value) for name, value in row.items()}
        yield Problem(
            code=code,
            file=row["file"],
            row=row["row"],
            field=field,
            found=found.format(**cells),
            remedy=remedy.format(**cells),
            instrument_id=row.get("instrument_id"),
        )


def repeated(table: pl.DataFrame, keys: Sequence[str], code: str, remedy: str) -> Iterator[Problem]:
    """A problem for every row whose keys an earlier row of the same input has already."""
    order = ["file", "row"]
    known = table.filter(pl.all_horizontal(pl.col(keys).is_not_null()))
    place = pl.int_range(pl.len()).over(keys, order_by=order)
    first = pl.col("row").first().over(keys, order_by=order)
    marked = known.with_columns(place.alias("place"), first.alias("first_row")).sort(order)
    name = " ".join(f"{{{key}}}" for key in keys)
    found = f"`{name}` is in rows {{first_row}} and {{row}}"
    yield from each(marked, pl.col("place") > 0, code, keys[0], found, remedy)


def shown(value: Any) -> str:
    """A value as a person writes it: `1.5`, not `1.5000000000`."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    is_number = isinstance(value, Decimal | float)
    return text.rstrip("0").rstrip(".") if is_number and "." in text else text
