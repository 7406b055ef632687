"""In which currencies the fund's assets are."""

from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import percent, places_of, trimmed
from tenuto.core.money import RoundingMode, divide, total
from tenuto.packs.finance.nav.models import NavResult

SHOWN_CURRENCIES = 12

Exposure = list[tuple[str, Decimal]]


def exposure(result: NavResult, positions: pl.DataFrame) -> dict[str, Any] | None:
    """A chart of the largest exposures; None where there is nothing to show."""
    places = places_of(result.nav)
    found = by_currency(result, positions)
    shown, others = found[:SHOWN_CURRENCIES], found[SHOWN_CURRENCIES:]
    if others:
        shown = [*shown, (f"{len(others)} others", total(value for _, value in others))]
    return bars(
        [
            Bar(
                label=currency,
                parts=[value],
                text=f"{trimmed(value, places)}  {_part(value, result)}",
            )
            for currency, value in shown
        ],
        what=f"positions and balances by currency, in {result.base_currency}",
    )


def by_currency(result: NavResult, positions: pl.DataFrame) -> Exposure:
    """Positions and balances before fees by their own currency, in base currency, largest first.

    They add up to the gross asset value. Currency forwards count by what they are worth.
    """
    grouped = positions.group_by("currency").agg(pl.col("base_value").sum())
    parts: dict[str, list[Decimal]] = {name: [value] for name, value in grouped.iter_rows()}
    for each in result.balances:
        if each.kind != "fee":
            parts.setdefault(each.currency, []).append(each.base_amount)
    sums = [(currency, total(values)) for currency, values in parts.items()]
    return sorted(sums, key=lambda each: (-abs(each[1]), each[0]))


def _part(value: Decimal, result: NavResult) -> str:
    if not result.gav:
        return ""
    return percent(divide(value, result.gav, places=6, mode=RoundingMode.HALF_EVEN))
