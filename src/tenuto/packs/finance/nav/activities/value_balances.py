"""Step 4: cash, unsettled trades, dividends, and capital activity."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.core.money import exact, multiply, round_to, total
from tenuto.packs.finance.inputs.columns import AMOUNT_PLACES
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.deals import class_flows, outstanding_deals
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.entitlements import applied_actions
from tenuto.packs.finance.nav.activities.fixings import base_per_local, rate_of
from tenuto.packs.finance.nav.activities.hedges import class_hedges, open_contracts
from tenuto.packs.finance.nav.activities.opened import OpenStrike, open_strike
from tenuto.packs.finance.nav.handoffs import ClassCapital, Strike, ValuedBalances
from tenuto.packs.finance.nav.parts import AppliedAction

Line = tuple[str, str, str, Decimal]
"""Kind, reference, currency, amount."""

_AMOUNT = pl.Decimal(38, AMOUNT_PLACES)


@implements(catalog.value_balances)
def value_balances(strike: Strike) -> ValuedBalances:
    """Every balance in its own and in base currency, each rounded as the fund rounds totals."""
    opened = open_strike(strike)
    beat("valuing balances")
    rates = base_per_local(strike.fx, strike.fund.base_currency)
    actions = applied_actions(opened)
    lines = sorted(
        [
            *_cash(opened),
            *_entitlements(opened, actions),
            *_trades(opened),
            *_deals(opened),
            *_hedges(opened),
        ],
        key=lambda line: line[:3],
    )
    in_base = [_in_base(strike, amount, rate_of(rates, currency)) for *_, currency, amount in lines]
    table = pl.DataFrame(
        {
            "kind": pl.Series([line[0] for line in lines], dtype=pl.String),
            "reference": pl.Series([line[1] for line in lines], dtype=pl.String),
            "currency": pl.Series([line[2] for line in lines], dtype=pl.String),
            "amount": pl.Series([line[3] for line in lines], dtype=_AMOUNT),
            "base_amount": pl.Series(in_base, dtype=_AMOUNT),
        }
    )
    return ValuedBalances(
        balances=opened.store.put_table(table, name="balances"),
        value=total(in_base),
        capital=tuple(_capital(opened, rates)),
        corporate_actions=actions,
        hedges=class_hedges(opened, rates),
    )


def _in_base(strike: Strike, amount: Decimal, rate: Fraction) -> Decimal:
    rounding = strike.fund.rounding
    return round_to(exact(amount) * rate, rounding.nav_places, rounding.mode)


def _cash(opened: OpenStrike) -> Iterator[Line]:
    columns = ("account", "currency", "amount")
    for account, currency, amount in opened.table("cash").select(columns).iter_rows():
        yield "cash", account, currency, amount


def _entitlements(opened: OpenStrike, actions: tuple[AppliedAction, ...]) -> Iterator[Line]:
    """Ex and not yet paid."""
    for each in actions:
        if each.cash and each.currency and (each.pay_date or each.ex_date) > opened.strike.date:
            kind = "dividend" if each.kind == "dividend" else "corporate-action"
            yield kind, each.ca_id, each.currency, each.cash


def _trades(opened: OpenStrike) -> Iterator[Line]:
    """Dealt and not yet settled: a purchase is owed, a sale is owed to the fund."""
    day = opened.strike.date
    open_trades = opened.table("transactions").filter(
        (pl.col("trade_date") <= day) & (pl.col("settle_date") > day)
    )
    for row in open_trades.iter_rows(named=True):
        sign = 1 if row["side"] == "sell" else -1
        yield "trade", row["trade_id"], row["currency"], multiply(sign, row["net_amount"])


def _hedges(opened: OpenStrike) -> Iterator[Line]:
    """What each open forward of a hedged class is worth."""
    for row in open_contracts(opened).iter_rows(named=True):
        yield "hedge", row["contract_id"], row["currency"], row["mark_to_market"]


def _deals(opened: OpenStrike) -> Iterator[Line]:
    currencies = {each.class_id: each.currency for each in opened.strike.fund.classes}
    for row in outstanding_deals(opened).iter_rows(named=True):
        amount = multiply(row["sign"], row["amount"])
        yield row["type"], row["deal_id"], currencies[row["class_id"]], amount


def _capital(opened: OpenStrike, rates: dict[str, Fraction]) -> Iterator[ClassCapital]:
    for flow in class_flows(opened):
        yield ClassCapital(
            class_id=flow.class_id,
            subscribed_units=plain(flow.subscribed_units),
            redeemed_units=plain(flow.redeemed_units),
            amount=_in_base(opened.strike, flow.amount, rate_of(rates, flow.currency)),
        )
