"""Why a quote cannot be used: the first of its faults, in the order they are looked for."""

from decimal import Decimal

import polars as pl

from tenuto.packs.finance.pricing.activities.adjusted import adjusted_priors
from tenuto.packs.finance.pricing.activities.findings import number
from tenuto.packs.finance.pricing.activities.opened import OpenPricing

_FACTOR = Decimal(100)
_NEAR = (Decimal("0.8"), Decimal("1.25"))
"""A price this close to a hundred times, or a hundredth of, the prior one is in another unit."""

_ONE_QUOTE = ["instrument_id", "source", "field", "date"]


def with_faults(quotes: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """`quotes` with `fault` and `detail`: both null for one that can be used.

    Faults in order: superseded (a later quote of the same day replaced it), two-prices,
    currency, unit, not-positive, bid-over-ask, outside-spread, unit-change.
    """
    marked = _with_spread(_with_siblings(quotes)).join(
        adjusted_priors(opened), on="instrument_id", how="left", maintain_order="left"
    )
    faults = [
        _superseded(),
        _two_prices(),
        _currency(),
        _unit(),
        _not_positive(),
        _bid_over_ask(),
        _outside_spread(),
        _unit_change(),
    ]
    return marked.with_columns(
        _first([(wrong, pl.lit(name)) for name, wrong, _ in faults]).alias("fault"),
        _first([(wrong, detail) for _, wrong, detail in faults]).alias("detail"),
    )


Fault = tuple[str, pl.Expr, pl.Expr]


def _first(choices: list[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    return pl.coalesce(
        *(pl.when(wrong.fill_null(False)).then(value) for wrong, value in choices),
        pl.lit(None, pl.String),
    )


def _with_siblings(quotes: pl.DataFrame) -> pl.DataFrame:
    """With what else the source said about the same field and day.

    `is_newest` by time of receipt, one without a time being oldest; `rivals` counts the different
    prices among the newest, and of equal ones the first by reference stays.
    """
    newest = pl.col("received_at").max().over(_ONE_QUOTE)
    marked = quotes.with_columns(
        (pl.col("received_at").eq_missing(newest)).alias("is_newest"),
        newest.alias("newest_at"),
    )
    keys = [*_ONE_QUOTE, "is_newest"]
    return marked.with_columns(
        pl.struct("given_price", "given_unit", "currency").n_unique().over(keys).alias("rivals"),
        (pl.col("quote_ref") != pl.col("quote_ref").min().over(keys)).alias("is_copy"),
    )


def _with_spread(quotes: pl.DataFrame) -> pl.DataFrame:
    """With the newest bid and ask of the same source and day."""
    keys = ["instrument_id", "source", "date"]
    usable = pl.col("is_newest") & (pl.col("rivals") == 1)
    sides = [
        pl.col("price").filter((pl.col("field") == side) & usable).first().over(keys).alias(side)
        for side in ("bid", "ask")
    ]
    return quotes.with_columns(sides)


def _superseded() -> Fault:
    replaced = ~pl.col("is_newest")
    copy = pl.col("is_newest") & (pl.col("rivals") == 1) & pl.col("is_copy")
    detail = (
        pl.when(replaced)
        .then(pl.format("replaced by the quote received at {}", "newest_at"))
        .otherwise(pl.lit("the same quote again"))
    )
    return "superseded", replaced | copy, detail


def _two_prices() -> Fault:
    detail = pl.format("{} different prices for one day", "rivals")
    return "two-prices", pl.col("rivals") > 1, detail


def _currency() -> Fault:
    detail = pl.format("quoted in {}, kept in {}", "currency", "of_currency")
    return "currency", pl.col("currency") != pl.col("of_currency"), detail


def _unit() -> Fault:
    """Pence can be converted into pounds, and a price per 100 into one per unit; no others."""
    detail = pl.format("quoted in `{}`, kept in `{}`", "given_unit", "of_unit")
    is_pence = pl.any_horizontal(pl.col("given_unit", "of_unit") == "GBX")
    mixed = is_pence & (
        (pl.col("of_currency") != "GBP")
        | pl.any_horizontal(pl.col("given_unit", "of_unit") == "per100")
    )
    return "unit", mixed & (pl.col("given_unit") != pl.col("of_unit")), detail


def _not_positive() -> Fault:
    detail = pl.format("the price is {}", number(pl.col("given_price")))
    return "not-positive", pl.col("price") <= 0, detail


def _bid_over_ask() -> Fault:
    detail = pl.format("bid {} is above ask {}", number(pl.col("bid")), number(pl.col("ask")))
    return "bid-over-ask", pl.col("bid") > pl.col("ask"), detail


def _outside_spread() -> Fault:
    detail = pl.format(
        "{} is outside of bid {} and ask {}",
        number(pl.col("price")),
        number(pl.col("bid").fill_null(0)),
        number(pl.col("ask").fill_null(0)),
    )
    is_price = pl.col("field").is_in(["close", "mid"])
    has_both = pl.col("bid").is_not_null() & pl.col("ask").is_not_null()
    outside = (pl.col("price") < pl.col("bid")) | (pl.col("price") > pl.col("ask"))
    return "outside-spread", is_price & has_both & outside, detail


def _unit_change() -> Fault:
    """Compared in float: a band of 45 % needs no more, and no digit of it is kept."""
    price, expected = pl.col("price").cast(pl.Float64), pl.col("expected").cast(pl.Float64)
    ratio = price / expected
    low, high = (float(each) for each in _NEAR)
    times, part = ratio / float(_FACTOR), ratio * float(_FACTOR)
    wrong = times.is_between(low, high) | part.is_between(low, high)
    detail = pl.format(
        "{} looks like another unit than the prior {}",
        number(pl.col("price")),
        number(pl.col("expected").fill_null(0)),
    )
    return "unit-change", wrong, detail
