"""What last positions should have gained since the prior NAV, by prices and trades alone."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from tenuto.core.money import RoundingMode, exact, round_to
from tenuto.packs.finance.inputs.columns import QUANTITY_PLACES
from tenuto.packs.finance.nav.activities.accrued import accrued_interest
from tenuto.packs.finance.nav.activities.actions import effective_since
from tenuto.packs.finance.nav.activities.benchmark import benchmark_level
from tenuto.packs.finance.nav.activities.book import UNIT_FACTORS, intrinsic_quotes, latest_quotes
from tenuto.packs.finance.nav.activities.entitlements import earned_since, rolled_holdings
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.models import NavResult

_GAIN_PLACES = 12
_QUANTITY = pl.Decimal(38, QUANTITY_PLACES)


@dataclass
class Outlook:
    """Expected gains and income by currency, in that currency."""

    gains: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    income: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    estimated: list[str] = field(default_factory=list)
    """Instruments without a price today."""


def outlook(opened: OpenStrike, prior: NavResult) -> Outlook:
    """What the prior NAV's positions, the trades and the actions since should have brought.

    A position without a price today moves with the benchmark, or not at all without one.
    """
    found = Outlook()
    rolled = rolled_holdings(opened)[0]
    quotes = _quotes(opened)
    growth = _benchmark_growth(opened, prior)
    pools = {
        each.instrument_id: exact(each.pool_factor) / exact(each.action.prior_pool_factor)
        for each in effective_since(opened, prior.date)
        if each.pool_factor is not None and each.action.prior_pool_factor
    }
    columns = ("instrument_id", "currency", "quantity", "price", "local_value")
    known = set()
    for name, currency, held, before, value in opened.prior_positions.select(columns).iter_rows():
        known.add(name)
        quote = quotes.get(name)
        if quote is None:
            found.estimated.append(name)
        moved = exact(quote.price) / exact(before) if quote and before else growth
        if name in rolled:
            moved *= rolled[name] / exact(held) * pools.get(name, Fraction(1))
        if moved != 1:
            # Rounded one by one: a sum of thousands of exact quotients has no end of digits.
            gain = round_to(exact(value) * (moved - 1), _GAIN_PLACES, RoundingMode.HALF_EVEN)
            found.gains[currency] += exact(gain)
    factors = _given_factors(opened)
    for name in sorted(set(rolled) - known):
        quote = quotes.get(name)
        if quote is None:
            _at_cost(opened, prior, name, found)
            continue
        factor = factors.get(name) or UNIT_FACTORS[quote.unit or "unit"]
        found.gains[quote.currency] += rolled[name] * exact(quote.price) * exact(factor)
    _add_flows(opened, prior, found)
    _add_interest(opened, prior, rolled, quotes, found)
    return found


class _Quote(NamedTuple):
    price: Decimal
    currency: str
    unit: str | None


def _quotes(opened: OpenStrike) -> dict[str, _Quote]:
    rows = pl.concat([latest_quotes(opened), intrinsic_quotes(opened)])
    columns = ("instrument_id", "price", "price_currency", "unit")
    return {
        name: _Quote(price, currency, unit)
        for name, price, currency, unit in rows.select(columns).iter_rows()
    }


def _given_factors(opened: OpenStrike) -> dict[str, Decimal]:
    """Price factors that belong to the instrument, contract sizes for example."""
    given = opened.table("positions").filter(pl.col("price_factor").is_not_null())
    return dict(given.select("instrument_id", "price_factor").iter_rows())


def _benchmark_growth(opened: OpenStrike, prior: NavResult) -> Fraction:
    level = benchmark_level(opened)
    if not level or not prior.benchmark_level:
        return Fraction(1)
    return exact(level) / exact(prior.benchmark_level)


def _at_cost(opened: OpenStrike, prior: NavResult, name: str, found: Outlook) -> None:
    """What was bought and has no price is worth what it cost."""
    found.estimated.append(name)
    for currency, cash in _trade_cash(opened, prior.date, only=name):
        found.gains[currency] -= cash


def _add_flows(opened: OpenStrike, prior: NavResult, found: Outlook) -> None:
    """Money of trades and corporate actions: paid for what was valued above, or earned."""
    for currency, cash in _trade_cash(opened, prior.date):
        found.gains[currency] += cash
    for applied, earned in earned_since(opened):
        if applied.currency:
            into = found.income if applied.is_income else found.gains
            into[applied.currency] += exact(earned)


def _trade_cash(
    opened: OpenStrike, since: date, only: str | None = None
) -> list[tuple[str, Fraction]]:
    """Currency and net amount, positive for a sale, of trades after `since`."""
    trades = opened.table("transactions").filter(
        (pl.col("trade_date") > since) & (pl.col("trade_date") <= opened.strike.date)
    )
    if only is not None:
        trades = trades.filter(pl.col("instrument_id") == only)
    return [
        (currency, exact(net) * (1 if side == "sell" else -1))
        for currency, side, net in trades.select("currency", "side", "net_amount").iter_rows()
    ]


def _add_interest(
    opened: OpenStrike,
    prior: NavResult,
    rolled: dict[str, Fraction],
    quotes: dict[str, _Quote],
    found: Outlook,
) -> None:
    """Interest on bonds: accrued on the quantity expected, less what had accrued, with coupons."""
    before = {
        row["instrument_id"]: row
        for row in opened.prior_positions.filter(pl.col("accrued_interest") != 0).iter_rows(
            named=True
        )
    }
    terms = opened.table("positions").filter(
        (pl.col("coupon_rate") != 0) & pl.col("instrument_id").is_not_null()
    )
    names = terms["instrument_id"].to_list()
    known = opened.prior_positions.filter(pl.col("instrument_id").is_in([*names, *before]))
    held = dict(known.select("instrument_id", "quantity").iter_rows())
    currencies = dict(known.select("instrument_id", "currency").iter_rows())
    expected = [_quantity(rolled.get(name, exact(held.get(name, 0)))) for name in names]
    book = terms.with_columns(pl.Series("quantity", expected, dtype=_QUANTITY))
    accrued = dict(zip(names, accrued_interest(book, opened.strike.date), strict=True))
    announced = {
        each.instrument_id
        for each in effective_since(opened, prior.date)
        if each.action.kind == "coupon"
    }
    for name in sorted(accrued.keys() | before.keys()):
        quote = quotes.get(name)
        currency = currencies.get(name) or (quote.currency if quote else None)
        if currency is not None:
            earned = exact(accrued.get(name, 0))
            earned -= exact(before[name]["accrued_interest"]) if name in before else 0
            into = found.gains if name in rolled else found.income
            into[currency] += earned
    for row in terms.iter_rows(named=True):
        name = row["instrument_id"]
        is_paid = prior.date < (row["last_coupon_date"] or prior.date) <= opened.strike.date
        if is_paid and row["coupon_frequency"] and name in held and name not in announced:
            yearly = exact(held[name]) * exact(row["coupon_rate"])
            yearly *= exact(row["pool_factor"] or 1)
            found.income[currencies[name]] += yearly / row["coupon_frequency"]


def _quantity(units: Fraction) -> Decimal:
    return round_to(units, QUANTITY_PLACES, RoundingMode.DOWN)
