"""Prices from one quotation unit to another, exactly where ten decimals suffice."""

from decimal import Decimal

import polars as pl

from tenuto.activities.exact import product, round_to
from tenuto.core.money import RoundingMode
from tenuto.packs.finance.pricing.activities.schemas import PRICE

_WORTH = {"unit": 100, "per100": 1, "GBX": 1}
"""What a price of one is worth, in hundredths of the currency per unit held."""


def in_unit_of(price: str, given: pl.Expr, wanted: pl.Expr) -> pl.Expr:
    """Column `price`, quoted in unit `given`, as a price in unit `wanted`.

    Rounded half-even at the tenth decimal, which only a price of more than eight needs.
    """
    factor = _worth(given) / _worth(wanted)
    converted = product(pl.col(price), factor, left_scale=10, right_scale=2)
    return round_to(converted, 10, RoundingMode.HALF_EVEN).cast(PRICE).alias(price)


def _worth(unit: pl.Expr) -> pl.Expr:
    hundredths = {name: Decimal(worth) for name, worth in _WORTH.items()}
    return unit.replace_strict(hundredths, return_dtype=pl.Decimal(38, 2))
