"""Bond prices as yields: a misplaced digit shows there first."""

from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.activities.calculate.bond import price_one
from tenuto.activities.heartbeat import beat
from tenuto.core.errors import DataError
from tenuto.packs.finance.pricing.activities.findings import findings
from tenuto.packs.finance.pricing.activities.models.formulas import bond_terms
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.schemas import FRACTION

_PER_BEAT = 1000


def yield_range(proposed: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """Yield to maturity of every new bond price whose terms are known, settled today.

    A price that no yield explains fails.
    """
    terms = opened.instruments.filter(
        pl.col("convention").is_not_null() & (pl.col("maturity") > opened.day)
    ).drop("type", "currency", "unit", "rule")
    bonds = proposed.filter(pl.col("method").is_in(["source", "broker"])).join(
        terms, on="instrument_id", how="inner"
    )
    measured = [
        _yield(row, number, opened) for number, row in enumerate(bonds.iter_rows(named=True))
    ]
    limits = opened.policy.limits
    value = pl.Series("value", measured, dtype=pl.Decimal(38, 10))
    judged = bonds.with_columns(value).with_columns(
        pl.col("value").is_between(limits.yield_low, limits.yield_high).alias("is_fine"),
        pl.when(pl.col("value") < limits.yield_low)
        .then(pl.lit(limits.yield_low).cast(FRACTION))
        .otherwise(pl.lit(limits.yield_high).cast(FRACTION))
        .alias("limit"),
    )
    evidence = (
        pl.when(pl.col("value").is_null())
        .then(pl.format("no yield gives a price of {}", "price"))
        .otherwise(pl.format("yield {} %", (pl.col("value").cast(pl.Float64) * 100).round(3)))
    )
    wrong = (~pl.col("is_fine")).fill_null(True).alias("is_wrong")
    return findings(judged.with_columns(wrong), "yield-range", opened.policy, evidence=evidence)


def _yield(row: dict[str, Any], number: int, opened: OpenPricing) -> Decimal | None:
    if number % _PER_BEAT == 0:
        beat(f"yield of bond {number}")
    price = row["price"] * 100 if row["unit"] == "unit" else row["price"]
    try:
        return price_one(bond_terms(row, opened.day, clean_price=price)).yield_rate
    except DataError:  # what it says is in the finding: no yield gives that price
        return None
