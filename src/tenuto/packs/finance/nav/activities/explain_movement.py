"""Step 7: why the NAV changed since the prior one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.core.money import difference, total
from tenuto.packs.finance.math.movement import CurrencyMovement, explain
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.accrue_fees import paid_fees
from tenuto.packs.finance.nav.activities.deals import class_flows
from tenuto.packs.finance.nav.activities.entitlements import earned_since
from tenuto.packs.finance.nav.activities.fixings import base_per_local
from tenuto.packs.finance.nav.activities.hedges import hedge_results
from tenuto.packs.finance.nav.activities.holdings_change import (
    accrued_income,
    unexplained_holdings,
)
from tenuto.packs.finance.nav.activities.income import coupons
from tenuto.packs.finance.nav.activities.opened import OpenStrike, open_strike
from tenuto.packs.finance.nav.activities.value_positions import local_totals
from tenuto.packs.finance.nav.handoffs import ExplainedMovement, ExplainMovementRequest
from tenuto.packs.finance.nav.models import NavResult

Amounts = dict[str, Decimal]
"""By currency."""


@implements(catalog.explain_movement)
def explain_movement(request: ExplainMovementRequest) -> ExplainedMovement:
    """The movement by cause, or None for a first strike.

    What no trade, dividend, deal, or payment explains is `other`.
    """
    opened = open_strike(request.strike)
    if opened.prior is None:
        return ExplainedMovement(movement=None)
    beat("explaining the movement")
    valued = opened.store.get_table(request.positions.positions)
    balances = opened.store.get_table(request.balances.balances)
    return ExplainedMovement(
        movement=explain(
            _by_currency(opened, opened.prior, valued, balances),
            opening=opened.prior.nav,
            closing=request.nav,
            fees=total(each.amount for each in request.fees.accruals),
            capital=total(each.amount for each in request.balances.capital),
            rounding=request.strike.fund.rounding,
            rounded_amounts=sum(
                (
                    valued.height,
                    balances.height,
                    opened.prior_positions.height,
                    len(opened.prior.balances),
                )
            ),
        )
    )


def _by_currency(
    opened: OpenStrike, prior: NavResult, valued: pl.DataFrame, balances: pl.DataFrame
) -> list[CurrencyMovement]:
    base = opened.strike.fund.base_currency
    rates = base_per_local(opened.strike.fx, base)
    prior_rates = base_per_local(prior.fx, base)
    rates = prior_rates | rates
    parts: dict[str, Amounts] = {
        "prior_positions": local_totals(opened.prior_positions),
        "positions": local_totals(valued),
        "prior_balances": _added(
            (each.currency, each.amount) for each in prior.balances if each.kind != "fee"
        ),
        "balances": _added(balances.select("currency", "amount").iter_rows()),
        "trades": _added([*_trades(opened, prior), *_proceeds(opened)]),
        "cash_income": _cash_income(opened, prior),
        "hedges": _added(hedge_results(opened)),
        "accrued_income": accrued_income(opened.prior_positions, valued),
        "capital": _added((each.currency, each.amount) for each in class_flows(opened)),
        "fees_paid": {base: total(paid_fees(opened).values())},
        "unexplained_quantity": unexplained_holdings(opened, prior.date, valued),
    }
    currencies = sorted({currency for amounts in parts.values() for currency in amounts})
    return [
        CurrencyMovement(
            currency=currency,
            prior_rate=prior_rates.get(currency, rates[currency]),
            rate=rates[currency],
            **{name: amounts.get(currency, Decimal(0)) for name, amounts in parts.items()},
        )
        for currency in currencies
    ]


def _added(amounts: Iterable[tuple[str, Decimal]]) -> Amounts:
    by_currency: dict[str, list[Decimal]] = defaultdict(list)
    for currency, amount in amounts:
        by_currency[currency].append(amount)
    return {currency: total(each) for currency, each in by_currency.items()}


def _trades(opened: OpenStrike, prior: NavResult) -> Iterator[tuple[str, Decimal]]:
    """Sales less purchases dealt since the prior NAV."""
    since = opened.table("transactions").filter(
        (pl.col("trade_date") > prior.date) & (pl.col("trade_date") <= opened.strike.date)
    )
    for currency, side, net in since.select("currency", "side", "net_amount").iter_rows():
        yield currency, net if side == "sell" else difference(0, net)


def _proceeds(opened: OpenStrike) -> Iterator[tuple[str, Decimal]]:
    """Cash of corporate actions that replaces a holding: it is paid for, not earned."""
    for applied, cash in earned_since(opened):
        if not applied.is_income and applied.currency:
            yield applied.currency, cash


def _cash_income(opened: OpenStrike, prior: NavResult) -> Amounts:
    paid = coupons(opened, prior.date).select("currency", "amount").iter_rows()
    earned = (
        (applied.currency, cash)
        for applied, cash in earned_since(opened)
        if applied.is_income and applied.currency
    )
    return _added([*paid, *earned])
