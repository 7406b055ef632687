"""Coupons the fund was paid, by the terms of its bonds."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.currency import minor_units
from tenuto.core.money import exact, round_to
from tenuto.packs.finance.inputs.columns import AMOUNT_PLACES
from tenuto.packs.finance.nav.activities.actions import effective_since, trades_since
from tenuto.packs.finance.nav.activities.book import priced_book
from tenuto.packs.finance.nav.activities.opened import OpenStrike

_SCHEMA = {
    "instrument_id": pl.String(),
    "currency": pl.String(),
    "amount": pl.Decimal(38, AMOUNT_PLACES),
}


def coupons(opened: OpenStrike, since: date) -> pl.DataFrame:
    """`currency, amount` of coupons paid after `since`, by instrument.

    One regular coupon of each bond whose last coupon date lies after `since`, on what was held
    then, rounded once to the smallest coin of its currency. A bond whose coupon is announced as
    a corporate action is left out.
    """
    is_paying = (
        (pl.col("last_coupon_date") > since)
        & (pl.col("last_coupon_date") <= opened.strike.date)
        & (pl.col("coupon_frequency") > 0)
        & (pl.col("coupon_rate") != 0)
    )
    if opened.table("positions").filter(is_paying).is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    announced = {
        each.instrument_id
        for each in effective_since(opened, since)
        if each.action.kind == "coupon"
    }
    paying = priced_book(opened).filter(is_paying & ~pl.col("instrument_id").is_in(list(announced)))
    rows = []
    for row in paying.iter_rows(named=True):
        held = exact(row["quantity"])
        for _, traded, units in trades_since(opened, row["last_coupon_date"] - timedelta(days=1)):
            held -= units if traded == row["instrument_id"] else 0
        yearly = held * exact(row["coupon_rate"]) * exact(row["pool_factor"] or Decimal(1))
        due = yearly / row["coupon_frequency"]
        amount = _payable(opened, due, row["currency"])
        rows.append((row["instrument_id"], row["currency"], amount))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _payable(opened: OpenStrike, due: Fraction, currency: str) -> Decimal:
    return round_to(due, minor_units(currency), opened.strike.fund.rounding.mode)
