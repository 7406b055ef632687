"""Forwards of hedged classes: what they are worth, and what they gained for their class."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.money import difference, exact, round_to, total
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.fixings import rate_of
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.parts import ClassHedge


def open_contracts(opened: OpenStrike) -> pl.DataFrame:
    """The contracts that are dealt and not settled on the valuation date, by name."""
    day = opened.strike.date
    return (
        opened.table("hedges")
        .filter((pl.col("trade_date") <= day) & (pl.col("settle_date") > day))
        .sort("contract_id", "row")
    )


def settled_since(opened: OpenStrike, since: date) -> pl.DataFrame:
    """The contracts that settled after `since`, up to and with the valuation date."""
    day = opened.strike.date
    return (
        opened.table("hedges")
        .filter((pl.col("settle_date") > since) & (pl.col("settle_date") <= day))
        .sort("contract_id", "row")
    )


def hedge_results(opened: OpenStrike) -> Iterator[tuple[str, Decimal]]:
    """Currency and amount of what contracts gained since the prior NAV: their parts add up."""
    if opened.prior is None:
        return
    for currency, worth in open_contracts(opened).select("currency", "mark_to_market").iter_rows():
        yield currency, worth
    settled = settled_since(opened, opened.prior.date)
    for currency, paid in settled.select("currency", "settlement").iter_rows():
        yield currency, paid
    for balance in opened.prior.balances:
        if balance.kind == "hedge":
            yield balance.currency, difference(0, balance.amount)


def class_hedges(opened: OpenStrike, rates: Mapping[str, Fraction]) -> tuple[ClassHedge, ...]:
    """Every class with contracts, now or at the prior NAV, in the fund's order."""
    known = opened.prior.hedges if opened.prior else ()
    prior = {each.class_id: each for each in known if each.contracts}
    contracts = open_contracts(opened)
    settled = settled_since(opened, opened.prior.date) if opened.prior else contracts.clear()
    found = []
    for share_class in opened.strike.fund.classes:
        name = share_class.class_id
        now = contracts.filter(pl.col("class_id") == name)
        ended = settled.filter(pl.col("class_id") == name)
        if now.is_empty() and ended.is_empty() and name not in prior:
            continue
        worth = _in_base(opened, now, "mark_to_market", rates)
        before = prior[name].mark_to_market if name in prior else Decimal(0)
        paid = _in_base(opened, ended, "settlement", rates)
        found.append(
            ClassHedge(
                class_id=name,
                contracts=tuple(now["contract_id"]),
                mark_to_market=worth,
                result=difference(total([worth, paid]), before),
                notional=plain(_notional(now, share_class.currency)),
            )
        )
    return tuple(found)


def _in_base(
    opened: OpenStrike, contracts: pl.DataFrame, column: str, rates: Mapping[str, Fraction]
) -> Decimal:
    """Each amount rounded as balances are, so that classes and balances agree."""
    rounding = opened.strike.fund.rounding
    return total(
        round_to(exact(amount) * rate_of(rates, currency), rounding.nav_places, rounding.mode)
        for currency, amount in contracts.select("currency", column).iter_rows()
    )


def _notional(contracts: pl.DataFrame, currency: str) -> Decimal:
    bought = contracts.filter(pl.col("buy_currency") == currency)["buy_amount"]
    sold = contracts.filter(pl.col("sell_currency") == currency)["sell_amount"]
    return difference(total(bought), *sold)
