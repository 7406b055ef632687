"""Step 3: what every position is worth, exactly."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.activities import exact
from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.core.money import RoundingMode, round_to
from tenuto.core.money import exact as exactly
from tenuto.packs.finance.inputs.columns import AMOUNT_PLACES, RATE_PLACES
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.accrued import accrued_interest
from tenuto.packs.finance.nav.activities.book import priced_book
from tenuto.packs.finance.nav.activities.fixings import base_per_local, multipliers
from tenuto.packs.finance.nav.activities.opened import VALUED_POSITIONS, open_strike
from tenuto.packs.finance.nav.handoffs import Strike, ValuedPositions

_CHUNK = 250_000
_UNROUNDED_PLACES = 12
"""Decimals of a base value that is shown but not added up, with `level: total`."""


@implements(catalog.value_positions)
def value_positions(strike: Strike) -> ValuedPositions:
    """Quantity x price x factors, plus accrued interest, in the fund's base currency.

    Local values are exact. With `level: position` each base value is rounded and added; with
    `level: total` the exact values are added and rounded once.
    """
    opened = open_strike(strike)
    book = _with_rates(strike, priced_book(opened).sort("instrument_id"))
    scales = {name: exact.decimals_used(book[name]) for name in _FACTORS}
    chunks = [pl.DataFrame(schema=_schema(strike, scales))]
    for chunk in book.iter_slices(_CHUNK):
        chunks.append(_valued(strike, chunk, scales))
        beat(f"valued {sum(each.height for each in chunks)} of {book.height} positions")
    valued = pl.concat(chunks)
    return ValuedPositions(
        positions=opened.store.put_table(valued, name="valued positions"),
        value=_fund_value(strike, valued),
    )


_FACTORS = ("quantity", "price", "price_factor", "pool_factor", "multiplier", "divisor")


def _with_rates(strike: Strike, book: pl.DataFrame) -> pl.DataFrame:
    rates = multipliers(strike.fx, strike.fund.base_currency)
    return book.with_columns(
        pl.col("pool_factor").fill_null(Decimal(1)), pl.col("name").fill_null("")
    ).join(rates, on="currency", how="left", maintain_order="left")


def _base_places(strike: Strike) -> int:
    rounding = strike.fund.rounding
    return rounding.position_places if rounding.level == "position" else _UNROUNDED_PLACES


def _local_scale(scales: Mapping[str, int]) -> int:
    factors = ("quantity", "price", "price_factor", "pool_factor")
    return max(AMOUNT_PLACES, sum(scales[name] for name in factors))


def _schema(strike: Strike, scales: Mapping[str, int]) -> dict[str, pl.DataType]:
    return {
        **VALUED_POSITIONS,
        "local_value": pl.Decimal(38, _local_scale(scales)),
        "base_value": pl.Decimal(38, _base_places(strike)),
    }


def _valued(strike: Strike, book: pl.DataFrame, scales: Mapping[str, int]) -> pl.DataFrame:
    schema = _schema(strike, scales)
    local_scale = _local_scale(scales)
    with_local = book.lazy().with_columns(
        _local_value(scales).cast(schema["local_value"]).alias("local_value"),
        accrued_interest(book, strike.date),
    )
    whole = pl.col("local_value") + pl.col("accrued_interest")
    with_base = with_local.with_columns(
        exact.ratio(
            pl.col("multiplier"),
            pl.col("divisor"),
            numerator_scale=scales["multiplier"],
            denominator_scale=scales["divisor"],
            places=RATE_PLACES,
            mode=RoundingMode.HALF_EVEN,
        ).alias("fx_rate"),
        exact.ratio(
            exact.product(
                whole,
                pl.col("multiplier"),
                left_scale=local_scale,
                right_scale=scales["multiplier"],
            ),
            pl.col("divisor"),
            numerator_scale=local_scale + scales["multiplier"],
            denominator_scale=scales["divisor"],
            places=_base_places(strike),
            mode=strike.fund.rounding.mode,
        ).alias("base_value"),
    )
    valued = with_base.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    return exact.collect(valued, "valued positions")


def _local_value(scales: Mapping[str, int]) -> pl.Expr:
    """The exact product, at the scale its factors need and no more."""
    value, scale = pl.col("quantity"), scales["quantity"]
    for name in ("price", "price_factor", "pool_factor"):
        value = exact.product(value, pl.col(name), left_scale=scale, right_scale=scales[name])
        scale += scales[name]
    return value


def _fund_value(strike: Strike, valued: pl.DataFrame) -> Decimal:
    rounding = strike.fund.rounding
    if rounding.level == "position":
        added = exact.total(pl.col("base_value"), scale=rounding.position_places)
        value = exact.collect(valued.lazy().select(added), "positions value").item()
        return round_to(value, rounding.nav_places, rounding.mode)
    rates = base_per_local(strike.fx, strike.fund.base_currency)
    exact_value = sum(
        (exactly(amount) * rates[currency] for currency, amount in local_totals(valued).items()),
        Fraction(0),
    )
    return round_to(exact_value, rounding.nav_places, rounding.mode)


def local_totals(valued: pl.DataFrame) -> dict[str, Decimal]:
    """Exact value of all positions with accrued interest, by currency."""
    scale = valued.schema["local_value"].scale  # type: ignore[attr-defined]
    whole = pl.col("local_value") + pl.col("accrued_interest")
    grouped = valued.lazy().group_by("currency").agg(exact.total(whole, scale=scale))
    return dict(sorted(exact.collect(grouped, "values by currency").iter_rows()))
