"""Reading the series of a request: given inline or as a table, in order, each day once."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.core.errors import DataError
from tenuto.core.references import Dataset

_ROWS_PER_BEAT = 50_000


def read_amounts(
    what: str, inline: Sequence[Any], table: Dataset | None, column: str = "amount"
) -> list[tuple[date, Decimal]]:
    """`(date, number)` sorted by date; several on one day stay several.

    Raises DataError `calculate.series-given-twice`, and as `read_rows` does.
    """
    if inline and table is not None:
        raise DataError(
            f"`{what}` is given inline and as `{what}_table`; give one of them.",
            code="calculate.series-given-twice",
        )
    if table is None:
        return sorted((each.date, getattr(each, column)) for each in inline)
    rows = read_rows(what, table, {"date": pl.Date(), column: None})
    return sorted((row["date"], row[column]) for row in rows)


def read_series(
    what: str, inline: Sequence[Any], table: Dataset | None, column: str = "amount"
) -> list[tuple[date, Decimal]]:
    """As `read_amounts`, and each day once. Raises DataError `calculate.day-given-twice`."""
    dated = read_amounts(what, inline, table, column)
    twice = [day for day, times in Counter(day for day, _ in dated).items() if times > 1]
    if twice:
        raise DataError(
            f"`{what}` has more than one entry for {_listed(twice)}; keep one a day.",
            code="calculate.day-given-twice",
            details={"days": [day.isoformat() for day in twice[:100]]},
        )
    return dated


def read_rows(
    what: str, table: Dataset, columns: dict[str, pl.DataType | None]
) -> list[dict[str, Any]]:
    """The rows of a table as records.

    A column whose type is None holds exact numbers (Decimal or integer) and becomes Decimal.
    Raises DataError `calculate.bad-column` for a column that is missing, of another type, or has
    missing values.
    """
    frame = current_store().get_table(table)
    for name, dtype in columns.items():
        _refuse_bad_column(what, frame, name, dtype)
    rows: list[dict[str, Any]] = []
    for chunk in frame.select(*columns).iter_slices(_ROWS_PER_BEAT):
        beat(f"{len(rows)} of {frame.height} rows of {what} read")
        rows += [
            {
                name: Decimal(value) if columns[name] is None else value
                for name, value in row.items()
            }
            for row in chunk.iter_rows(named=True)
        ]
    return rows


def _refuse_bad_column(
    what: str, frame: pl.DataFrame, name: str, dtype: pl.DataType | None
) -> None:
    if name not in frame.columns:
        found = f"has the columns {', '.join(frame.columns)}"
    elif not _is_of_type(frame[name].dtype, dtype):
        found = f"has `{name}` as {frame[name].dtype}"
    elif frame[name].has_nulls():
        found = f"has {frame[name].null_count()} missing values in `{name}`"
    else:
        return
    wanted = "Decimal or integer" if dtype is None else dtype
    raise DataError(
        f"Table `{what}` {found}; expected `{name}` as {wanted} with a value in every row.",
        code="calculate.bad-column",
        details={"table": what, "column": name},
    )


def _is_of_type(found: pl.DataType, wanted: pl.DataType | None) -> bool:
    return found == wanted if wanted is not None else found.is_decimal() or found.is_integer()


def _listed(days: list[date]) -> str:
    shown = ", ".join(str(day) for day in days[:5])
    return shown if len(days) <= 5 else f"{shown} and {len(days) - 5} more days"
