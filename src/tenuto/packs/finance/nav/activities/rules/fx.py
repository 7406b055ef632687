"""What can be wrong with exchange rates."""

from collections.abc import Iterator

import polars as pl

from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.rules.finding import at, conflicting, rows, shown
from tenuto.packs.finance.nav.parts import FxRate


def fx_problems(
    opened: OpenStrike, needed: dict[str, str], found: dict[str, FxRate]
) -> Iterator[Problem]:
    """Wrong rates, and for every currency in `needed` (currency -> who needs it) a missing or
    stale one. `found` are the fixings the strike would use."""
    table = opened.table("fx")
    for row in rows(table, pl.col("rate") <= 0):
        yield at(
            row,
            "nav.fx-not-positive",
            "rate",
            f"the rate is {shown(row['rate'])}",
            "supply a rate above 0",
        )
    yield from conflicting(
        table.filter(pl.col("rate").is_not_null()),
        ["date", "base", "quote"],
        ["rate"],
        "nav.fx-conflict",
        "keep the right one",
    )
    unreadable = table.filter(pl.any_horizontal(pl.col("date", "rate").is_null()))
    hidden = {*unreadable["base"], *unreadable["quote"]}
    for currency, user in sorted(needed.items()):
        if currency in found:
            yield from _stale(opened, found[currency])
        elif currency not in hidden:
            yield _missing(opened, currency, user)


def _missing(opened: OpenStrike, currency: str, user: str) -> Problem:
    base = opened.strike.fund.base_currency
    return Problem(
        code="nav.fx-missing",
        file=opened.strike.inputs.names["fx"],
        field="rate",
        found=f"no rate between {currency} and {base} on or before {opened.strike.date}, needed "
        f"for {user}",
        remedy=f"supply a row for {base} and {currency}",
    )


def _stale(opened: OpenStrike, fixing: FxRate) -> Iterator[Problem]:
    limit = opened.strike.fund.fx.max_age_days
    if fixing.age_days <= limit:
        return
    used = opened.table("fx").filter(
        (pl.col("date") == fixing.fixing_date)
        & (pl.col("base") == fixing.base)
        & (pl.col("quote") == fixing.quote)
    )
    yield at(
        used.row(0, named=True),
        "nav.fx-stale",
        "date",
        f"the last {fixing.base}/{fixing.quote} fixing, of {fixing.fixing_date}, is "
        f"{fixing.age_days} days old (limit {limit})",
        "supply a later fixing, or raise `fx.max_age_days` of the fund",
    )
