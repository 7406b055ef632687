"""The largest positions with their weights, and how many more there are."""

from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.core.money import RoundingMode, divide, total
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.report.figures import (
    amount,
    count,
    percent,
    places_of,
    short_day,
    trimmed,
    words,
)

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
    widest = max((value.copy_abs() for value in values), default=Decimal(0))
    return {
        "rows": [_row(each, result, places, widest) for each in largest.iter_rows(named=True)],
        "shown": count(largest.height, "position", "positions"),
        "shown_value": trimmed(shown, places),
        "shown_weight": percent(_part(shown, result.nav)),
        "rest": count(rest, "more position", "more positions") if rest else None,
        "rest_value": trimmed(rest_value, places),
        "rest_weight": percent(_part(rest_value, result.nav)),
        "total": amount(result.positions_value, places),
        "total_weight": percent(_part(result.positions_value, result.nav)),
    }


def _row(each: dict[str, Any], result: NavResult, places: int, widest: Decimal) -> dict[str, Any]:
    value = each["base_value"]
    factor = each["price_factor"]
    return {
        "name": words(each["name"] or each["instrument_id"]),
        "id": words(each["instrument_id"]),
        "currency": each["currency"],
        "quantity": trimmed(each["quantity"]),
        "price": trimmed(each["price"], 2),
        "factor": None if factor == 1 else f"\u00d7 {trimmed(factor)}",
        "price_date": short_day(each["price_date"]),
        "value": trimmed(value, places),
        "weight": percent(_part(value, result.nav)),
        "is_short": value < 0,
        "bar": float(_part(value.copy_abs(), widest)) if widest else 0.0,
    }


def _part(value: Decimal, whole: Decimal) -> Decimal:
    return divide(value, whole, places=6, mode=RoundingMode.HALF_EVEN)
