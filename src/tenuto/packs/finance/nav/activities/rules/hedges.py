"""What can be wrong with the forwards of hedged classes."""

from collections.abc import Iterator

import polars as pl

from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.rules.finding import (
    Row,
    at,
    not_positive,
    repeated,
    rows,
)


def hedge_problems(opened: OpenStrike) -> Iterator[Problem]:
    """Contracts of unknown classes, without a value or a settlement, and contracts that vanish."""
    table = opened.table("hedges")
    remedy = "keep one of them, or give the other its own name"
    yield from repeated(table, ["contract_id"], "nav.duplicate-row", remedy)
    yield from not_positive(table, "buy_amount", "sell_amount")
    for row in rows(table, pl.col("settle_date") < pl.col("trade_date")):
        found = f"settled on {row['settle_date']}, before the trade on {row['trade_date']}"
        yield at(row, "nav.dates-reversed", "settle_date", found, "correct one of the dates")
    yield from _classes(opened, table)
    yield from _values(opened, table)
    yield from _vanished(opened, table)


def _classes(opened: OpenStrike, table: pl.DataFrame) -> Iterator[Problem]:
    hedged = {
        each.class_id: each.currency
        for each in opened.strike.fund.classes
        if each.hedge_target is not None
    }
    names = ", ".join(f"`{name}`" for name in hedged) or "none"
    for row in rows(table, pl.col("class_id").is_not_null()):
        name = row["class_id"]
        if name not in hedged:
            found = f"the fund has no hedged class `{name}`"
            remedy = f"hedged are {names}; a class is hedged by its `hedge_target`"
            yield at(row, "nav.class-not-hedged", "class_id", found, remedy)
        elif hedged[name] not in (row["buy_currency"], row["sell_currency"]):
            found = (
                f"it trades {row['buy_currency']} for {row['sell_currency']}, and class `{name}` "
                f"is in {hedged[name]}"
            )
            remedy = "correct a currency, or the class"
            yield at(row, "nav.currency-differs", "buy_currency", found, remedy)


def _values(opened: OpenStrike, table: pl.DataFrame) -> Iterator[Problem]:
    day = opened.strike.date
    since = opened.prior.date if opened.prior else day
    is_open = (pl.col("trade_date") <= day) & (pl.col("settle_date") > day)
    for row in rows(table, is_open & pl.col("mark_to_market").is_null()):
        yield _lacks(row, "mark_to_market", f"it is open on {day}")
    has_settled = (pl.col("settle_date") > since) & (pl.col("settle_date") <= day)
    for row in rows(table, has_settled & pl.col("settlement").is_null()):
        yield _lacks(row, "settlement", f"it settled on {row['settle_date']}")


def _lacks(row: Row, field: str, why: str) -> Problem:
    found = f"{why}, and has no {field.replace('_', ' ')}"
    return at(row, "table.value-missing", field, found, f"supply the {field.replace('_', ' ')}")


def _vanished(opened: OpenStrike, table: pl.DataFrame) -> Iterator[Problem]:
    """A contract of the prior NAV that the file no longer has: its value would just be gone."""
    known = set(table["contract_id"])
    for hedge in opened.prior.hedges if opened.prior else ():
        for contract in hedge.contracts:
            if contract not in known:
                yield Problem(
                    code="nav.hedge-vanished",
                    file=opened.strike.inputs.names.get("hedges", "hedges"),
                    field="contract_id",
                    found=f"contract `{contract}` was open in the prior NAV, and has no row",
                    remedy="keep it, with its `settlement`, until the first NAV after it settles",
                )
