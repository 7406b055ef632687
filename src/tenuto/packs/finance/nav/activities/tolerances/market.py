"""Rules about what the NAV is made of: values, prices, rates, and what explains the change."""

from fractions import Fraction

import polars as pl

from tenuto.core.money import exact
from tenuto.packs.finance.models import Tolerance
from tenuto.packs.finance.nav.activities.book import ratio_since, split_ratios
from tenuto.packs.finance.nav.activities.tolerances.subject import (
    FIRST_STRIKE,
    Measured,
    Subject,
    seen,
    unseen,
    worst,
)
from tenuto.packs.finance.nav.models import Check

FUND = "fund"


def market_value_change(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """The value of all positions against the prior one; a fraction."""
    prior = subject.prior
    if prior is None:
        return [unseen(tolerance, FUND, FIRST_STRIKE)]
    if not prior.positions_value:
        return [unseen(tolerance, FUND, f"The NAV of {prior.date} had no positions.")]
    change = exact(subject.result.positions_value) / exact(prior.positions_value) - 1
    return [seen(tolerance, Measured(subject=FUND, value=change))]


def unexplained_movement(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """What no cause explains; base currency."""
    movement = subject.result.movement
    if movement is None:
        return [unseen(tolerance, FUND, FIRST_STRIKE)]
    return [seen(tolerance, Measured(subject=FUND, value=exact(movement.other)))]


def stale_prices(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Age of each price on the valuation date; calendar days."""
    day = subject.result.date
    ages = subject.positions.select(
        "instrument_id", age=(day - pl.col("price_date")).dt.total_days()
    )
    beyond = ages.filter(pl.col("age") > int(tolerance.limit))
    chosen = (
        beyond if beyond.height else ages.sort("age", "instrument_id", descending=[True, False])[:1]
    )
    return worst(
        tolerance,
        [
            Measured(subject=instrument_id, value=Fraction(age))
            for instrument_id, age in chosen.iter_rows()
        ],
    )


def stale_fx(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Age of each fixing on the valuation date; calendar days."""
    return worst(
        tolerance,
        [
            Measured(
                subject=f"{each.base}/{each.quote}",
                value=Fraction(each.age_days),
                note=f"Fixing of {each.fixing_date}.",
            )
            for each in subject.result.fx
        ],
    )


def price_change(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Each price against the prior NAV's, splits taken out; a fraction."""
    prior = subject.prior
    if prior is None:
        return [unseen(tolerance, FUND, FIRST_STRIKE)]
    splits = split_ratios(subject.opened)
    columns = ("instrument_id", "price", "price_factor")
    both = subject.positions.select(columns).join(
        subject.opened.prior_positions.select(columns), on="instrument_id", suffix="_before"
    )
    measured = []
    for instrument_id, price, factor, before, factor_before in both.iter_rows():
        ratio = ratio_since(splits.get(instrument_id, {}), prior.date)
        now = exact(price) * exact(factor) * exact(ratio)
        change = now / (exact(before) * exact(factor_before)) - 1
        measured.append(Measured(subject=instrument_id, value=change))
    return worst(tolerance, measured)
