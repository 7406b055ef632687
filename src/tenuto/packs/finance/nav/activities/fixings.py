"""Exchange rates of a strike: the last known fixing of each currency, and what it says exactly.

A rate is taken as it stands in the file, directly or the other way round; it is never
interpolated, and never formed through a third currency.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.errors import DataError
from tenuto.core.money import exact
from tenuto.packs.finance.inputs.columns import RATE_PLACES
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.parts import FxRate

_RATE = pl.Decimal(38, RATE_PLACES)


def find_fixings(opened: OpenStrike, currencies: Iterable[str]) -> dict[str, FxRate]:
    """The latest fixing of each currency against the base, on or before the valuation date.

    Of a direct and an inverse fixing of the same day, the direct one. A currency without any
    is left out; so is the base itself.
    """
    fund, day = opened.strike.fund, opened.strike.date
    base = fund.base_currency
    wanted = sorted(set(currencies) - {base})
    rates = opened.table("fx").filter((pl.col("date") <= day) & (pl.col("rate") > 0))
    local = (
        pl.when(pl.col("quote") == base)
        .then(pl.col("base"))
        .when(pl.col("base") == base)
        .then(pl.col("quote"))
    )
    latest = (
        rates.with_columns(local=local, is_inverse=pl.col("base") == base)
        .filter(pl.col("local").is_in(wanted))
        .sort("local", "date", "is_inverse", "row", descending=[False, True, False, False])
        .unique("local", keep="first", maintain_order=True)
    )
    return {
        row["local"]: FxRate(
            base=row["base"],
            quote=row["quote"],
            rate=plain(row["rate"]),
            fixing_date=row["date"],
            age_days=(day - row["date"]).days,
            source=fund.fx.source,
        )
        for row in latest.iter_rows(named=True)
    }


def base_per_local(rates: Iterable[FxRate], base: str) -> dict[str, Fraction]:
    """Base currency for one unit of each currency, exact, the base's own 1 included."""
    exactly = {base: Fraction(1)}
    for each in rates:
        if each.quote == base:
            exactly[each.base] = exact(each.rate)
        else:
            exactly[each.quote] = 1 / exact(each.rate)
    return exactly


def rate_of(rates: Mapping[str, Fraction], currency: str) -> Fraction:
    """The exact rate. Raises DataError `nav.fx-missing` when the strike has none."""
    if currency not in rates:
        raise DataError(
            f"The strike has no exchange rate for {currency}; supply it in the FX file.",
            code="nav.fx-missing",
        )
    return rates[currency]


def multipliers(rates: Iterable[FxRate], base: str) -> pl.DataFrame:
    """`currency, multiplier, divisor`: base value = local value x multiplier / divisor.

    One of the two is 1, so that a quote the other way round is divided by, once, and never
    turned into a rounded rate first.
    """
    one = Decimal(1)
    rows = [(base, one, one)]
    for each in rates:
        is_direct = each.quote == base
        rows.append((each.base, each.rate, one) if is_direct else (each.quote, one, each.rate))
    return pl.DataFrame(
        rows,
        schema={"currency": pl.String, "multiplier": _RATE, "divisor": _RATE},
        orient="row",
    )
