"""Rules about what the NAV is made of: values, prices, rates, and what explains the change."""

from fractions import Fraction

import polars as pl

from tenuto.core.money import exact
from tenuto.packs.finance.models import Tolerance
from tenuto.packs.finance.nav.activities.actions import (
    effective_since,
    unit_values,
    value_since,
)
from tenuto.packs.finance.nav.activities.tolerances.subject import (
    FIRST_STRIKE,
    LISTED,
    Measured,
    Subject,
    seen,
    unseen,
    worst,
)
from tenuto.packs.finance.nav.parts import Check

FUND = "fund"

NOT_RECONCILED = "Nothing was reconciled before this strike."


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
    """Each price against the prior NAV's, corporate actions taken out; a fraction."""
    prior = subject.prior
    if prior is None:
        return [unseen(tolerance, FUND, FIRST_STRIKE)]
    columns = ("instrument_id", "price", "price_factor")
    both = subject.positions.select(columns).join(
        subject.opened.prior_positions.select(columns), on="instrument_id", suffix="_before"
    )
    happened = effective_since(subject.opened, prior.date)
    worth = unit_values(subject.positions)
    measured = []
    for instrument_id, price, factor, before, factor_before in both.iter_rows():
        now = exact(price) * exact(factor)
        became = value_since(happened, instrument_id, now, worth)
        change = became / (exact(before) * exact(factor_before)) - 1
        measured.append(Measured(subject=instrument_id, value=change))
    return worst(tolerance, measured)


def missing_price(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """The weight of each holding whose price was missing and is carried; a fraction of the NAV."""
    nav = exact(subject.result.nav)
    carried = [each.instrument_id for each in subject.result.carried_prices]
    held = subject.positions.filter(pl.col("instrument_id").is_in(carried))
    return worst(
        tolerance,
        [
            Measured(
                subject=instrument_id,
                value=exact(value) / nav,
                note=f"Valued at the price of {day}.",
            )
            for instrument_id, value, day in held.select(
                "instrument_id", "base_value", "price_date"
            ).iter_rows()
        ],
    ) or [seen(tolerance, Measured(subject=FUND, value=Fraction(0)))]


def open_breaks(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """The value of open reconciliation breaks; a fraction of the NAV, 1 bp is 0.0001."""
    if subject.open_breaks_bp is None:
        return [unseen(tolerance, FUND, NOT_RECONCILED)]
    value = exact(subject.open_breaks_bp) / 10_000
    return [seen(tolerance, Measured(subject=FUND, value=value))]


def position_breaks(subject: Subject, tolerance: Tolerance) -> list[Check]:
    """Each position against the reconciled one; a fraction of theirs, or more than `units`."""
    if subject.position_breaks is None:
        return [unseen(tolerance, FUND, NOT_RECONCILED)]
    checks = []
    for each in subject.position_breaks:
        apart = exact(each.ours) - exact(each.theirs)
        whole = abs(exact(each.theirs)) or abs(exact(each.ours)) or Fraction(1)
        note = f"Ours {each.ours}, theirs {each.theirs}."
        check = seen(
            tolerance, Measured(subject=each.instrument_id, value=apart / whole, note=note)
        )
        if tolerance.units is not None and abs(apart) > exact(tolerance.units):
            breach = "warn" if tolerance.severity == "warn" else "fail"
            said = f"{note} More than {tolerance.units} units."
            check = check.model_copy(update={"outcome": breach, "note": said})
        checks.append(check)
    beyond = [each for each in checks if each.outcome != "pass"]
    if beyond:
        return sorted(beyond, key=lambda each: each.subject)[:LISTED]
    return checks[:1] or [seen(tolerance, Measured(subject=FUND, value=Fraction(0)))]
