"""How holdings changed between two NAVs: what trades explain, and what they do not."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from tenuto.core.money import RoundingMode, exact, round_to
from tenuto.packs.finance.inputs.columns import AMOUNT_PLACES, QUANTITY_PLACES
from tenuto.packs.finance.nav.activities.actions import effective_since, kept_since
from tenuto.packs.finance.nav.activities.entitlements import rolled_holdings
from tenuto.packs.finance.nav.activities.opened import OpenStrike


def unexplained_holdings(
    opened: OpenStrike, prior_date: date, valued: pl.DataFrame
) -> dict[str, Decimal]:
    """Today's value, by currency, of quantities that nothing explains: no trade, no action."""
    expected = rolled_holdings(opened)[0]
    happened = effective_since(opened, prior_date)
    moved = _side_by_side(opened.prior_positions, valued).filter(
        pl.col("quantity").ne_missing(pl.col("prior_quantity"))
        | pl.col("instrument_id").is_in(list(expected))
    )
    by_currency: dict[str, Fraction] = defaultdict(Fraction)
    for row in moved.iter_rows(named=True):
        name = row["instrument_id"]
        held = expected.get(name, exact(row["prior_quantity"] or Decimal(0)))
        found = exact(row["quantity"] or Decimal(0))
        unexplained = found - exact(round_to(held, QUANTITY_PLACES, RoundingMode.DOWN))
        if unexplained:
            currency, value = _unit_value(row, kept_since(happened, name, prior_date))
            by_currency[currency] += unexplained * value
    nowhere_held = (
        _trades(opened, prior_date)
        .join(valued, on="instrument_id", how="anti")
        .join(opened.prior_positions, on="instrument_id", how="anti")
    )
    for row in nowhere_held.iter_rows(named=True):
        # Bought and nowhere to be seen: what it cost is gone.
        by_currency[row["currency"]] -= _sign(row["side"]) * exact(row["net_amount"])
    return _rounded(by_currency)


def accrued_income(prior: pl.DataFrame, valued: pl.DataFrame) -> dict[str, Decimal]:
    """Change of accrued interest, by currency, on the quantity held at both NAVs."""
    bonds = _side_by_side(prior, valued).filter(
        (pl.col("accrued_interest") != 0) | (pl.col("prior_accrued_interest") != 0)
    )
    by_currency: dict[str, Fraction] = defaultdict(Fraction)
    for row in bonds.iter_rows(named=True):
        now, before = row["quantity"], row["prior_quantity"]
        if not now or not before or (now > 0) != (before > 0):
            continue
        both = min(abs(exact(now)), abs(exact(before)))
        gained = exact(row["accrued_interest"]) / abs(exact(now))
        gained -= exact(row["prior_accrued_interest"]) / abs(exact(before))
        by_currency[row["currency"]] += both * gained
    return _rounded(by_currency)


def _trades(opened: OpenStrike, prior_date: date) -> pl.DataFrame:
    return opened.table("transactions").filter(
        (pl.col("trade_date") > prior_date) & (pl.col("trade_date") <= opened.strike.date)
    )


def _sign(side: str) -> int:
    return 1 if side == "buy" else -1


def _side_by_side(prior: pl.DataFrame, valued: pl.DataFrame) -> pl.DataFrame:
    columns = ("currency", "quantity", "local_value", "accrued_interest")
    return (
        valued.select("instrument_id", *columns)
        .join(
            prior.select(
                "instrument_id", *(pl.col(name).alias(f"prior_{name}") for name in columns)
            ),
            on="instrument_id",
            how="full",
            coalesce=True,
        )
        .sort("instrument_id")
    )


def _unit_value(row: dict[str, Any], ratio: Fraction) -> tuple[str, Fraction]:
    """Currency and clean value of one unit, today's where it is held, else the prior one."""
    if row["quantity"]:
        return row["currency"], exact(row["local_value"]) / exact(row["quantity"])
    per_unit = exact(row["prior_local_value"]) / exact(row["prior_quantity"]) / ratio
    return row["prior_currency"], per_unit


def _rounded(by_currency: dict[str, Fraction]) -> dict[str, Decimal]:
    return {
        currency: round_to(amount, AMOUNT_PLACES, RoundingMode.HALF_EVEN)
        for currency, amount in sorted(by_currency.items())
    }
