"""What can be wrong with the orders of a dealing day, and with a decision on the swing."""

from collections.abc import Iterator

import polars as pl

from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.rules.finding import (
    at,
    not_positive,
    repeated,
    rows,
    shown,
)


def dealing_problems(opened: OpenStrike, book: pl.DataFrame) -> Iterator[Problem]:
    """Orders that say nothing, of unknown classes, or not given to a fund that swings by them.

    `book` is the priced book: a swing by basis needs a bid and an offer for what is held.
    """
    yield from _orders(opened)
    yield from _missing(opened)
    yield from _override(opened)
    swing = opened.strike.fund.swing
    if swing is not None and swing.method == "basis":
        yield from _sides(opened, book)


def _orders(opened: OpenStrike) -> Iterator[Problem]:
    table = opened.table("dealing")
    remedy = "keep one of them, or give the other its own name"
    yield from repeated(table, ["order_id"], "nav.duplicate-row", remedy)
    yield from not_positive(table, "amount", "units")
    for row in rows(table, pl.col("amount").is_null() == pl.col("units").is_null()):
        found = f"the order has {'both' if row['amount'] else 'neither'} `amount` and `units`"
        yield at(row, "nav.order-incomplete", "amount", found, "write one of them")
    classes = {each.class_id for each in opened.strike.fund.classes}
    for row in rows(table, ~pl.col("class_id").is_in(list(classes))):
        names = ", ".join(f"`{name}`" for name in sorted(classes))
        found = f"the fund has no class `{row['class_id']}`"
        yield at(row, "nav.unknown-class", "class_id", found, f"valid are {names}")


def _missing(opened: OpenStrike) -> Iterator[Problem]:
    fund = opened.strike.fund
    deals_by_flow = fund.swing is not None or fund.dilution_levy is not None
    if deals_by_flow and opened.strike.inputs.dealing is None:
        yield Problem(
            code="nav.dealing-missing",
            file="dealing",
            found="the fund's price depends on the day's orders, and there is no file of them",
            remedy="supply it; a file with its header alone says that nobody deals",
        )


def _override(opened: OpenStrike) -> Iterator[Problem]:
    override, swing = opened.strike.inputs.swing_override, opened.strike.fund.swing
    if override is None:
        return
    if swing is None:
        found, remedy = "the fund does not swing", "leave it out, or give the fund a `swing`"
        code = "nav.swing-override-unexpected"
    elif abs(override.factor) > swing.cap:
        found = f"{shown(override.factor)} is more than the cap of {shown(swing.cap)}"
        remedy = "stay within the cap, or raise it as the prospectus allows"
        code = "nav.swing-beyond-cap"
    else:
        return
    yield Problem(code=code, file="swing_override", field="factor", found=found, remedy=remedy)


def _sides(opened: OpenStrike, book: pl.DataFrame) -> Iterator[Problem]:
    """Prices in use without a bid or an offer, and bids above offers."""
    used = opened.table("prices").join(
        book.select("instrument_id", "price_file", "price_row"),
        left_on=["instrument_id", "file", "row"],
        right_on=["instrument_id", "price_file", "price_row"],
        how="semi",
    )
    for side in ("bid", "offer"):
        for row in rows(used, pl.col(side).is_null()):
            found = f"`{row['instrument_id']}` has no {side}, and the fund swings by basis"
            yield at(row, "nav.bid-offer-missing", side, found, f"supply the {side}")
    yield from not_positive(used, "bid", "offer")
    for row in rows(used, pl.col("bid") > pl.col("offer")):
        found = f"the bid {shown(row['bid'])} is above the offer {shown(row['offer'])}"
        yield at(row, "nav.bid-over-offer", "bid", found, "correct one of them")
