"""Capital deals and the units they change."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from tenuto.core.money import difference, multiply, total
from tenuto.packs.finance.nav.activities.opened import OpenStrike


def opening_units(opened: OpenStrike) -> dict[str, Decimal]:
    """Units of each class that has begun: of the prior NAV, or at launch, in the fund's order."""
    prior = {each.class_id: each.units for each in opened.prior.classes} if opened.prior else {}
    return {
        each.class_id: prior.get(each.class_id, each.units)
        for each in opened.strike.fund.classes
        if each.launch_date <= opened.strike.date
    }


def entering_deals(opened: OpenStrike) -> pl.DataFrame:
    """The deals that count from this NAV on: dealt since the prior one, and before this day.

    None at the first strike: its launch units say what there is.
    """
    deals = opened.table("capital").sort("deal_id", "row")
    if opened.prior is None:
        return deals.clear()
    return deals.filter(
        (pl.col("trade_date") >= opened.prior.date) & (pl.col("trade_date") < opened.strike.date)
    )


def outstanding_deals(opened: OpenStrike) -> pl.DataFrame:
    """The deals whose units count but whose money has not moved, and the other way round.

    Adds `sign`: 1 where the fund is owed `amount`, -1 where it owes it. A deal counts from the
    first NAV after its trade date; money that came before that is owed back until then.
    """
    day = opened.strike.date
    counts = pl.col("trade_date") < day
    has_settled = pl.col("settle_date") <= day
    comes_in = pl.when(pl.col("type") == "subscription").then(1).otherwise(-1)
    sign = pl.when(counts & ~has_settled).then(comes_in).when(~counts & has_settled).then(-comes_in)
    return (
        opened.table("capital")
        .with_columns(sign.cast(pl.Int8).alias("sign"))
        .filter(pl.col("sign").is_not_null())
        .sort("deal_id", "row")
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFlow:
    """What entered and left one class with this NAV."""

    class_id: str
    currency: str
    subscribed_units: Decimal
    redeemed_units: Decimal
    amount: Decimal
    """Subscriptions less redemptions, class currency."""
    subscribed: Decimal
    """Subscriptions alone, class currency, what a new class was launched with included."""


def class_flows(opened: OpenStrike) -> Iterator[ClassFlow]:
    """One for each class that has begun, in the fund's order.

    A class that is new to a running fund brings its launch units at the launch price.
    """
    deals = entering_deals(opened)
    classes = {each.class_id: each for each in opened.strike.fund.classes}
    known = {each.class_id for each in opened.prior.classes} if opened.prior else set(classes)
    for class_id, opening in opening_units(opened).items():
        share_class = classes[class_id]
        of_class = deals.filter(pl.col("class_id") == class_id)
        bought = of_class.filter(pl.col("type") == "subscription")
        sold = of_class.filter(pl.col("type") == "redemption")
        launched = () if class_id in known else (multiply(opening, share_class.launch_price),)
        yield ClassFlow(
            class_id=class_id,
            currency=share_class.currency,
            subscribed_units=total(bought["units"]),
            redeemed_units=total(sold["units"]),
            amount=difference(total([*bought["amount"], *launched]), *sold["amount"]),
            subscribed=total([*bought["amount"], *launched]),
        )
