"""The dealing day: its net flow, and what that does to the prices at which it is dealt."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.money import RoundingMode, exact, round_to, total
from tenuto.packs.finance.math.classes import EXACT_PLACES
from tenuto.packs.finance.math.swing import Proposal, levy, propose, swing
from tenuto.packs.finance.models import SwingPolicy
from tenuto.packs.finance.nav.activities.book import priced_book
from tenuto.packs.finance.nav.activities.fixings import rate_of
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.parts import ClassNav


def with_dealing(
    opened: OpenStrike,
    classes: Iterable[ClassNav],
    rates: Mapping[str, Fraction],
    positions: pl.DataFrame,
) -> tuple[ClassNav, ...]:
    """The classes at the prices that investors deal at: swung, or with a levy beside them."""
    unswung = tuple(classes)
    fund = opened.strike.fund
    if fund.swing is None and fund.dilution_levy is None:
        return unswung
    nav = total(each.nav_base for each in unswung)
    flow = _net_flow(opened, unswung, rates)
    if fund.dilution_levy is not None:
        charged = levy(fund.dilution_levy, flow=flow, nav=nav)
        return tuple(each.model_copy(update={"dilution_levy": charged}) for each in unswung)
    policy = fund.swing
    assert policy is not None  # noqa: S101 (one of the two is set)
    up, down = _spreads(opened, positions, nav) if policy.method == "basis" else (0, 0)
    proposal = propose(policy, flow=flow, nav=nav, spread_up=up, spread_down=down)
    return tuple(_swung(opened, policy, proposal, each, rates) for each in unswung)


def orders(opened: OpenStrike) -> pl.DataFrame:
    """The orders that are dealt at this NAV."""
    return (
        opened.table("dealing")
        .filter(pl.col("dealing_date") == opened.strike.date)
        .sort("order_id", "row")
    )


def _net_flow(
    opened: OpenStrike, classes: tuple[ClassNav, ...], rates: Mapping[str, Fraction]
) -> Decimal:
    """Subscriptions less redemptions of all classes, base currency, rounded as totals are.

    An order in units counts at the unswung NAV per unit, or at the launch price where there is
    none yet.
    """
    prices = {each.class_id: each.launch_price for each in opened.strike.fund.classes}
    prices |= {each.class_id: each.nav_per_unit for each in classes}
    currencies = {each.class_id: each.currency for each in opened.strike.fund.classes}
    flow = Fraction(0)
    columns = ("class_id", "type", "amount", "units")
    for class_id, kind, amount, units in orders(opened).select(columns).iter_rows():
        worth = exact(units) * exact(prices[class_id]) if amount is None else exact(amount)
        sign = 1 if kind == "subscription" else -1
        flow += sign * worth * rate_of(rates, currencies[class_id])
    rounding = opened.strike.fund.rounding
    return round_to(flow, rounding.nav_places, rounding.mode)


def _swung(
    opened: OpenStrike,
    policy: SwingPolicy,
    proposal: Proposal,
    class_nav: ClassNav,
    rates: Mapping[str, Fraction],
) -> ClassNav:
    fund = opened.strike.fund
    share_class = next(each for each in fund.classes if each.class_id == class_nav.class_id)
    per_unit = exact(class_nav.nav_base) / rate_of(rates, class_nav.currency)
    per_unit /= exact(class_nav.units)
    published, record = swing(
        policy,
        proposal,
        unswung_exact=per_unit,
        places=share_class.nav_places,
        mode=fund.rounding.mode,
        override=opened.strike.inputs.swing_override,
    )
    swung_exact = per_unit * (1 + exact(record.factor))
    return class_nav.model_copy(
        update={
            "nav_per_unit": published,
            "nav_per_unit_exact": round_to(swung_exact, EXACT_PLACES, RoundingMode.HALF_EVEN),
            "swing": record,
        }
    )


def _spreads(
    opened: OpenStrike, positions: pl.DataFrame, nav: Decimal
) -> tuple[Fraction, Fraction]:
    """What the positions are worth more at offer, and less at bid prices; fractions of the NAV.

    Inflows are invested: what is held is bought at the offer, and what is sold short is sold at
    the bid. Outflows the other way round. Prices that no file of today has, carried ones, have
    no sides and count as they are.
    """
    quoted = priced_book(opened).select("instrument_id", "price_file", "price_row")
    sides = opened.table("prices").select("instrument_id", "file", "row", "bid", "offer")
    rows = positions.join(quoted, on="instrument_id").join(
        sides,
        left_on=["instrument_id", "price_file", "price_row"],
        right_on=["instrument_id", "file", "row"],
    )
    up = down = Fraction(0)
    for row in rows.iter_rows(named=True):
        one = exact(row["local_value"]) / exact(row["price"]) * exact(row["fx_rate"])
        above = (exact(row["offer"]) - exact(row["price"])) * one
        below = (exact(row["price"]) - exact(row["bid"])) * one
        up += above if row["quantity"] > 0 else -below
        down += below if row["quantity"] > 0 else -above
    return max(up, Fraction(0)) / exact(nav), max(down, Fraction(0)) / exact(nav)
