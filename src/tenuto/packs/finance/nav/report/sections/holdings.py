"""The largest positions with their weights, and how many more there are."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.activities.documents.figures import (
    amount,
    count,
    percent,
    places_of,
    short_day,
    shortened,
    trimmed,
    words,
)
from tenuto.core.money import RoundingMode, divide, total
from tenuto.packs.finance.nav.models import NavResult

SHOWN_POSITIONS = 15


def holdings(result: NavResult, positions: pl.DataFrame) -> dict[str, Any]:
    """Positions by size, long or short; weights are fractions of the fund's NAV."""
    places = places_of(result.nav)
    largest = positions.sort(
        pl.col("base_value").abs(), "instrument_id", descending=[True, False]
    ).head(SHOWN_POSITIONS)
    values = largest["base_value"].to_list()
    shown = total(values)
    rest = positions.height - largest.height
    rest_value = total([result.positions_value, shown.copy_negate()])
    style = _Style(
        places=places,
        quantity_places=_places(largest["quantity"], at_least=0),
        price_places=_places(largest["price"], at_least=2),
        widest=max((value.copy_abs() for value in values), default=Decimal(0)),
    )
    return {
        "rows": [_row(each, result.nav, style) for each in largest.iter_rows(named=True)],
        "shown": count(largest.height, "position", "positions"),
        "shown_value": trimmed(shown, places),
        "shown_weight": percent(_part(shown, result.nav)),
        "rest": count(rest, "more position", "more positions") if rest else None,
        "rest_value": trimmed(rest_value, places),
        "rest_weight": percent(_part(rest_value, result.nav)),
        "total": amount(result.positions_value, places),
        "total_weight": percent(_part(result.positions_value, result.nav)),
    }


@dataclass(frozen=True)
class _Style:
    """What the rows have in common, so that figures above each other line up."""

    places: int
    quantity_places: int
    price_places: int
    widest: Decimal
    """The largest value, long or short; its bar is as wide as the column."""


def _row(each: dict[str, Any], nav: Decimal, style: _Style) -> dict[str, Any]:
    value = each["base_value"]
    factor = each["price_factor"]
    return {
        "name": words(each["name"] or each["instrument_id"]),
        "id": words(each["instrument_id"]),
        "currency": each["currency"],
        "quantity": trimmed(each["quantity"], style.quantity_places),
        "price": trimmed(each["price"], style.price_places),
        "factor": None if factor == 1 else f"\u00d7 {trimmed(factor)}",
        "price_date": short_day(each["price_date"]),
        "value": trimmed(value, style.places),
        "weight": percent(_part(value, nav)),
        "is_short": value < 0,
        "bar": float(_part(value.copy_abs(), style.widest)) if style.widest else 0.0,
    }


def _places(values: pl.Series, *, at_least: int) -> int:
    return max([at_least, *(places_of(shortened(value)) for value in values)])


def _part(value: Decimal, whole: Decimal) -> Decimal:
    return divide(value, whole, places=6, mode=RoundingMode.HALF_EVEN)
