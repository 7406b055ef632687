"""What can be wrong with capital activity and the units it leads to."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from tenuto.core.money import RoundingMode, round_to
from tenuto.packs.finance.models import Problem, ShareClass
from tenuto.packs.finance.nav.activities.deals import entering_deals, opening_units
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.rules.finding import at, repeated, rows, shown


def capital_problems(opened: OpenStrike) -> Iterator[Problem]:
    """Duplicate or impossible deals, unknown classes, and units that end at or below zero."""
    table = opened.table("capital")
    classes = {each.class_id: each for each in opened.strike.fund.classes}
    yield from repeated(
        table, ["deal_id"], "nav.duplicate-row", "keep one of them, or give the other its own name"
    )
    for field in ("units", "amount"):
        for row in rows(table, pl.col(field) <= 0):
            found = f"the deal's {field} is {shown(row[field])}"
            remedy = "write it above 0; `type` says which way it goes"
            yield at(row, "nav.not-positive", field, found, remedy)
    for row in rows(table, pl.col("settle_date") < pl.col("trade_date")):
        found = f"settled on {row['settle_date']}, before the deal on {row['trade_date']}"
        yield at(row, "nav.dates-reversed", "settle_date", found, "correct one of the dates")
    for row in rows(table, pl.col("class_id").is_not_null()):
        if row["class_id"] not in classes:
            names = ", ".join(f"`{name}`" for name in classes)
            found = f"the fund has no class `{row['class_id']}`"
            yield at(row, "nav.unknown-class", "class_id", found, f"valid are {names}")
        else:
            yield from _finer_than_dealt(row, classes[row["class_id"]])
    yield from _units(opened)
    yield from _removed(opened)


def _finer_than_dealt(row: dict[str, object], share_class: ShareClass) -> Iterator[Problem]:
    units = row["units"]
    places = share_class.unit_places
    if isinstance(units, Decimal) and round_to(units, places, RoundingMode.DOWN) != units:
        found = (
            f"{shown(units)} units, and class `{share_class.class_id}` deals in {places} decimals"
        )
        yield at(row, "nav.unit-places", "units", found, "correct the deal, or `unit_places`")


def _units(opened: OpenStrike) -> Iterator[Problem]:
    """Rolled forward, no class may end below zero, nor all of them at zero."""
    closing = dict(opening_units(opened))
    for row in entering_deals(opened).iter_rows(named=True):
        if row["units"] is None or row["class_id"] not in closing:
            continue
        sign = 1 if row["type"] == "subscription" else -1
        closing[row["class_id"]] += sign * row["units"]
    file = opened.strike.inputs.names["capital"]
    for class_id, units in closing.items():
        if units < 0:
            yield Problem(
                code="nav.units-negative",
                file=file,
                field="units",
                found=f"class `{class_id}` would have {shown(units)} units",
                remedy="correct the redemptions, or the prior NAV they are rolled from",
            )
    if not any(closing.values()):
        yield Problem(
            code="nav.zero-units",
            file=file,
            field="units",
            found="no class has any units, so no unit has a value",
            remedy="give `units` of a class in the fund, or its subscriptions",
        )


def _removed(opened: OpenStrike) -> Iterator[Problem]:
    """A class of the prior NAV that the fund no longer has: its assets would fall to others."""
    known = {each.class_id for each in opened.strike.fund.classes}
    for each in opened.prior.classes if opened.prior else ():
        if each.class_id not in known and each.units:
            yield Problem(
                code="nav.class-removed",
                file="fund",
                field="classes",
                found=f"class `{each.class_id}` has {shown(each.units)} units in the prior NAV",
                remedy="keep it in the fund until its last unit is redeemed",
            )
