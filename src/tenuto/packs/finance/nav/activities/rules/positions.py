"""What can be wrong with positions."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.rules.finding import at, repeated, rows, shown

_FREQUENCIES = (1, 2, 4, 12)
_TERMS = ("day_count", "last_coupon_date", "next_coupon_date")


def position_problems(opened: OpenStrike) -> Iterator[Problem]:
    """Duplicates, impossible dates and factors, incomplete bond terms."""
    table = opened.table("positions")
    yield from repeated(
        table,
        ["instrument_id"],
        "nav.duplicate-position",
        "keep one row per instrument, with the whole quantity",
    )
    yield from _dates(table, opened.strike.date)
    yield from _factors(table)
    yield from _bonds(table.filter(pl.col("quantity") != 0), opened.strike.date)


def _dates(table: pl.DataFrame, day: date) -> Iterator[Problem]:
    for row in rows(table, pl.col("position_date") > day):
        found = f"the position is of {row['position_date']}, after the valuation date {day}"
        yield at(row, "nav.position-after-date", "position_date", found, f"supply that of {day}")
    for row in rows(table, (pl.col("maturity") < day) & (pl.col("quantity") != 0)):
        found = f"it matured on {row['maturity']}"
        yield at(
            row, "nav.position-matured", "maturity", found, "remove it, or correct the maturity"
        )


def _factors(table: pl.DataFrame) -> Iterator[Problem]:
    for row in rows(table, pl.col("price_factor") <= 0):
        found = f"the price factor is {shown(row['price_factor'])}"
        yield at(row, "nav.factor-invalid", "price_factor", found, "write one above 0")
    for row in rows(table, (pl.col("pool_factor") <= 0) | (pl.col("pool_factor") > 1)):
        found = f"the pool factor is {shown(row['pool_factor'])}"
        yield at(row, "nav.factor-invalid", "pool_factor", found, "write one above 0, up to 1")


def _bonds(table: pl.DataFrame, day: date) -> Iterator[Problem]:
    bonds = table.filter(pl.col("coupon_rate") != 0)
    for term in _TERMS:
        for row in rows(bonds, pl.col(term).is_null()):
            yield at(
                row,
                "nav.bond-terms-missing",
                term,
                "a position with a coupon has no " + term.replace("_", " "),
                f"supply `{term}`, or leave `coupon_rate` empty",
            )
    for row in rows(
        bonds,
        (pl.col("day_count") == "ACT/ACT")
        & ~pl.col("coupon_frequency").is_in(_FREQUENCIES).fill_null(value=False),
    ):
        found = f"ACT/ACT with {row['coupon_frequency'] or 'no'} coupons a year"
        yield at(row, "nav.bond-terms-missing", "coupon_frequency", found, "supply 1, 2, 4, or 12")
    outside = (pl.col("last_coupon_date") > day) | (pl.col("next_coupon_date") < day)
    for row in rows(bonds, outside):
        found = (
            f"the coupon period {row['last_coupon_date']} to {row['next_coupon_date']}"
            f" does not hold {day}"
        )
        yield at(
            row,
            "nav.outside-coupon-period",
            "last_coupon_date",
            found,
            "supply the coupon dates around the valuation date",
        )
