"""Tables of the artifact store as sheets, which hold a million rows each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from tenuto.activities.documents.workbook import DIGITS, Column, Sheet, SheetChart

ROWS_PER_SHEET = 1_000_000
"""A sheet holds 1,048,576; more rows go on to `<name> 2`, and so on."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """How one column of a table is shown."""

    head: str
    width: int = 16
    is_percent: bool = False


def frame_sheets(
    name: str,
    frame: pl.DataFrame,
    heads: Mapping[str, Head],
    *,
    charts: tuple[SheetChart, ...] = (),
) -> Iterator[Sheet]:
    """The columns that `heads` names, in its order; `charts` stand on the first sheet.

    Moments are shown in UTC and claims as `yes` and `no`; lists cannot be shown.
    """
    ordered = frame.select(list(heads)).with_columns(
        pl.col(pl.Datetime).dt.strftime("%Y-%m-%d %H:%M:%S"),
        pl.col(pl.Boolean).replace_strict({True: "yes", False: "no"}, return_dtype=pl.String),
    )
    columns = [
        Column(
            head=each.head,
            width=each.width,
            is_percent=each.is_percent,
            places=_decimals(ordered[key], is_percent=each.is_percent),
        )
        for key, each in heads.items()
    ]
    for start in range(0, max(ordered.height, 1), ROWS_PER_SHEET):
        part = ordered.slice(start, ROWS_PER_SHEET)
        page = start // ROWS_PER_SHEET + 1
        yield Sheet(
            name=name if page == 1 else f"{name} {page}",
            columns=columns,
            rows=part.iter_rows(),
            exact=[i for i, values in enumerate(part) if is_any_beyond_a_double(values)],
            charts=charts if page == 1 else (),
        )


def is_any_beyond_a_double(values: pl.Series) -> bool:
    """As `is_beyond_a_double`, for a column: some value has no form within so many digits."""
    if not isinstance(values.dtype, pl.Decimal):
        return False
    size = values.abs()
    fits = values.is_null()
    for places in range(values.dtype.scale + 1):
        fits |= (values.round(places) == values) & (size < Decimal(10) ** (DIGITS - places))
    return not fits.all()


def _decimals(values: pl.Series, *, is_percent: bool) -> int | None:
    """How many decimals the values need, at least 2; None for a column that has none."""
    if not isinstance(values.dtype, pl.Decimal):
        return None
    scale = values.dtype.scale
    needed = next(
        (places for places in range(2, scale) if (values.round(places) == values).all()), scale
    )
    return max(needed - 2, 2) if is_percent else needed
