"""Dividends the fund is entitled to, and coupons it was paid."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.currency import minor_units
from tenuto.core.money import exact, round_to
from tenuto.packs.finance.inputs.columns import AMOUNT_PLACES
from tenuto.packs.finance.nav.activities.book import (
    held_positions,
    priced_book,
    ratio_since,
    split_ratios,
)
from tenuto.packs.finance.nav.activities.opened import OpenStrike

_SCHEMA = {
    "reference": pl.String(),
    "earned": pl.Date(),
    "paid": pl.Date(),
    "currency": pl.String(),
    "amount": pl.Decimal(38, AMOUNT_PLACES),
}


def dividends(opened: OpenStrike) -> pl.DataFrame:
    """`reference, earned, paid, currency, amount` of every dividend ex by the valuation date.

    The amount is what will be paid: quantity held over the ex-date x rate x (1 - withholding),
    rounded once to the smallest coin of its currency. It is negative for a short position.
    """
    actions = (
        opened.table("corporate_actions")
        .filter((pl.col("type") == "dividend") & (pl.col("ex_date") <= opened.strike.date))
        .sort("ca_id")
    )
    if actions.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    today = dict(held_positions(opened).select("instrument_id", "quantity").iter_rows())
    ratios = split_ratios(opened)
    rows = []
    for row in actions.iter_rows(named=True):
        instrument_id, ex_date = row["instrument_id"], row["ex_date"]
        splits = ratios.get(instrument_id, {})
        held = exact(today.get(instrument_id, Decimal(0)))
        held -= _traded_since(opened, instrument_id, ex_date, splits)
        held /= exact(ratio_since(splits, ex_date))
        due = held * exact(row["rate"]) * (1 - exact(row["withholding_rate"] or Decimal(0)))
        amount = _payable(opened, due, row["currency"])
        rows.append((row["ca_id"], ex_date, row["pay_date"], row["currency"], amount))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def coupons(opened: OpenStrike, since: date) -> pl.DataFrame:
    """`reference, earned, paid, currency, amount` of coupons paid after `since`.

    One regular coupon of each bond whose last coupon date lies after `since`, on what was held
    then, rounded once to the smallest coin of its currency.
    """
    is_paying = (
        (pl.col("last_coupon_date") > since)
        & (pl.col("last_coupon_date") <= opened.strike.date)
        & (pl.col("coupon_frequency") > 0)
        & (pl.col("coupon_rate") != 0)
    )
    if opened.table("positions").filter(is_paying).is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    paying = priced_book(opened).filter(is_paying)
    rows = []
    for row in paying.iter_rows(named=True):
        day = row["last_coupon_date"]
        held = exact(row["quantity"]) - _traded_since(opened, row["instrument_id"], day, {})
        yearly = held * exact(row["coupon_rate"]) * exact(row["pool_factor"] or Decimal(1))
        due = yearly / row["coupon_frequency"]
        amount = _payable(opened, due, row["currency"])
        rows.append((row["instrument_id"], day, day, row["currency"], amount))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _traded_since(
    opened: OpenStrike, instrument_id: str, ex_date: date, splits: dict[date, Decimal]
) -> Fraction:
    """What was bought less what was sold on or after the ex-date, in today's units."""
    trades = opened.table("transactions").filter(
        (pl.col("instrument_id") == instrument_id)
        & (pl.col("trade_date") >= ex_date)
        & (pl.col("trade_date") <= opened.strike.date)
    )
    return sum(
        (
            (1 if side == "buy" else -1) * exact(quantity) * exact(ratio_since(splits, day))
            for side, quantity, day in trades.select("side", "quantity", "trade_date").iter_rows()
        ),
        Fraction(0),
    )


def _payable(opened: OpenStrike, due: Fraction, currency: str) -> Decimal:
    return round_to(due, minor_units(currency), opened.strike.fund.rounding.mode)
