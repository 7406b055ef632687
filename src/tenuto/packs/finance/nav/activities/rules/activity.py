"""What can be wrong with cash, trades, and fee payments."""

from collections.abc import Iterator

import polars as pl

from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.rules.finding import at, not_positive, repeated, rows

_DUPLICATE = "nav.duplicate-row"
_ONCE = "keep one of them, or give the other its own name"


def cash_problems(opened: OpenStrike) -> Iterator[Problem]:
    """An account that is there twice in one currency."""
    table = opened.table("cash")
    yield from repeated(table, ["account", "currency"], _DUPLICATE, _ONCE)


def trade_problems(opened: OpenStrike) -> Iterator[Problem]:
    """Duplicate trades, amounts that are not positive, settlement before the trade."""
    table = opened.table("transactions")
    yield from repeated(table, ["trade_id"], _DUPLICATE, _ONCE)
    yield from not_positive(table, "quantity", "net_amount")
    yield from _settled_before_traded(table)


def fee_payment_problems(opened: OpenStrike) -> Iterator[Problem]:
    """Payments of fees the fund does not have, and amounts that are not positive."""
    table = opened.table("fee_payments")
    known = known_fees(opened)
    for row in rows(table, pl.col("fee_id").is_not_null()):
        if (row["class_id"], row["fee_id"]) not in known:
            of = f"class `{row['class_id']}`" if row["class_id"] else "the fund"
            names = ", ".join(
                f"`{fee}`" for where, fee in sorted(known, key=str) if where == row["class_id"]
            )
            found = f"`{row['fee_id']}` is not a fee of {of}"
            yield at(row, "nav.unknown-fee", "fee_id", found, f"valid are {names or 'none'}")
    for row in rows(table, pl.col("date") > opened.strike.date):
        found = f"paid on {row['date']}, after the valuation date {opened.strike.date}"
        yield at(row, "nav.payment-after-date", "date", found, "leave it for a later NAV")
    yield from not_positive(table, "amount")


def known_fees(opened: OpenStrike) -> set[tuple[str | None, str]]:
    """`(class or None, fee)` of every fee that is defined now or still owed from before."""
    fund, prior = opened.strike.fund, opened.prior
    fees: set[tuple[str | None, str]] = {(None, fee.fee_id) for fee in fund.fees}
    fees |= {(each.class_id, fee.fee_id) for each in fund.classes for fee in each.fees}
    fees |= {
        (each.class_id, each.performance_fee.fee_id)
        for each in fund.classes
        if each.performance_fee
    }
    if prior is not None:
        fees |= {(each.class_id, each.fee_id) for each in prior.accruals}
    return fees


def _settled_before_traded(table: pl.DataFrame) -> Iterator[Problem]:
    for row in rows(table, pl.col("settle_date") < pl.col("trade_date")):
        found = f"settled on {row['settle_date']}, before the trade on {row['trade_date']}"
        yield at(row, "nav.dates-reversed", "settle_date", found, "correct one of the dates")
