"""The corporate actions of a strike: what each row of the file does, by the valuation date."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from tenuto.core.money import exact
from tenuto.packs.finance.math.corporate_actions import Action, Effect, effects, order
from tenuto.packs.finance.nav.activities.opened import OpenStrike


def announced(opened: OpenStrike) -> list[Action]:
    """Every action of the file that can be read, by name; of a duplicate, the first row."""
    table = (
        opened.table("corporate_actions")
        .filter(
            pl.all_horizontal(pl.col("ca_id", "instrument_id", "type", "ex_date").is_not_null())
        )
        .sort("ca_id", "row")
        .unique("ca_id", keep="first", maintain_order=True)
    )
    return [_action(row) for row in table.iter_rows(named=True)]


def effective(opened: OpenStrike) -> list[Effect]:
    """What has happened by the valuation date, in the order it happened."""
    happened = [
        effect
        for action in announced(opened)
        for effect in effects(action)
        if effect.on <= opened.strike.date
    ]
    return sorted((each for each in happened if not _is_empty(each)), key=order)


def effective_since(opened: OpenStrike, since: date) -> list[Effect]:
    """What has happened after `since`, up to and with the valuation date."""
    return [each for each in effective(opened) if each.on > since]


def kept_since(happened: Iterable[Effect], instrument_id: str, since: date) -> Fraction:
    """How many units one unit held on `since` has become, by splits and the like.

    1 where nothing multiplied it; mergers and full redemptions, which end it, are left out.
    """
    factor = Fraction(1)
    for effect in happened:
        if effect.instrument_id == instrument_id and effect.on > since and effect.keeps:
            factor *= effect.keeps
    return factor


def value_since(
    happened: Iterable[Effect], instrument_id: str, value: Fraction, worth: Mapping[str, Fraction]
) -> Fraction:
    """What one unit of before `happened` has become, at a `value` of one unit now.

    With what it received, at `worth` per unit by instrument; nothing for what has no worth. Only
    actions that change the price count: a dividend is a fall in the price.
    """
    became = value
    ours = [each for each in happened if each.instrument_id == instrument_id]
    for effect in reversed([each for each in ours if each.changes_price]):
        new = worth.get(effect.new_instrument_id or "", Fraction(0))
        became = became * effect.keeps + effect.receives * new
    return became


def unit_values(positions: pl.DataFrame) -> dict[str, Fraction]:
    """Price x factor of every position of a table of valued positions."""
    columns = ("instrument_id", "price", "price_factor")
    return {
        name: exact(price) * exact(factor)
        for name, price, factor in positions.select(columns).iter_rows()
    }


def trades_since(opened: OpenStrike, since: date) -> list[tuple[date, str, Fraction]]:
    """`(trade date, instrument, units bought less sold)` after `since`, up to this strike."""
    table = opened.table("transactions").filter(
        (pl.col("trade_date") > since) & (pl.col("trade_date") <= opened.strike.date)
    )
    columns = ("trade_date", "instrument_id", "side", "quantity")
    return [
        (day, name, exact(quantity) * (1 if side == "buy" else -1))
        for day, name, side, quantity in table.select(columns).iter_rows()
    ]


def eligible_quantities(opened: OpenStrike) -> dict[str, Decimal]:
    """The quantity the custodian announced as entitled, by action, where it did."""
    table = opened.table("corporate_actions").filter(pl.col("eligible_quantity").is_not_null())
    return dict(table.select("ca_id", "eligible_quantity").iter_rows())


def _action(row: dict[str, Any]) -> Action:
    given = {
        name: row[name]
        for name in (
            "ca_id",
            "instrument_id",
            "ex_date",
            "pay_date",
            "ratio",
            "rate",
            "currency",
            "new_instrument_id",
            "lieu_price",
            "subscription_price",
            "prior_pool_factor",
            "pool_factor",
            "cost_fraction",
            "election",
        )
    }
    return Action(
        **given,
        kind=row["type"],
        withholding_rate=row["withholding_rate"] or Decimal(0),
        fractions=row["fractions"] or "keep",
        is_voluntary=row["participation"] == "voluntary",
    )


def _is_empty(effect: Effect) -> bool:
    """An action whose numbers are missing: a problem says so, and nothing is made of it."""
    kind = effect.action.kind
    if kind in ("split", "reverse-split", "stock-dividend"):
        return not effect.action.ratio or effect.keeps <= 0
    if kind == "redemption":
        return effect.keeps < 0
    return False
