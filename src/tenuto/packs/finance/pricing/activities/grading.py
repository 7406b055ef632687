"""The fair value level of every price, by `math/levels`."""

import polars as pl

from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.math.levels import LEVELS, Evidence

_BY_KIND: dict[str, Evidence] = {
    "evaluated": "evaluated",
    "administrator": "administrator",
    "broker": "one-broker",
}


def with_level(prices: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """`prices` with `level`, null where there is no price.

    The lowest of what the price rests on, of its inputs, and of the master's hint.
    """
    kinds = {each.source: each.kind for each in opened.policy.sources}
    kind = pl.col("source").replace_strict(kinds, default=None, return_dtype=pl.String)
    own_market = (
        pl.when(pl.col("age_days") == 0)
        .then(LEVELS["own-market-today"])
        .otherwise(LEVELS["own-market-earlier"])
    )
    others = {name: LEVELS[evidence] for name, evidence in _BY_KIND.items()}
    by_kind = (
        pl.when(kind == "exchange")
        .then(own_market)
        .otherwise(kind.replace_strict(others, default=None, return_dtype=pl.Int32))
    )
    evidence_level = (
        pl.when(pl.col("method") == "source")
        .then(by_kind)
        .when(pl.col("method") == "override")
        .then(LEVELS["person"])
        .when(pl.col("method") == "model")
        .then(LEVELS["model"])
        .when(pl.col("method") == "prior")
        .then(pl.col("input_level").fill_null(LEVELS["own-market-earlier"]))
    )
    hints = opened.instruments.select("instrument_id", "level_hint")
    lowest = pl.max_horizontal(evidence_level, "input_level", "level_hint").cast(pl.Int64)
    return prices.join(hints, on="instrument_id", how="left").with_columns(
        pl.when(pl.col("price").is_not_null()).then(lowest).alias("level")
    )
