"""Prices against those of other sources on the same day."""

import polars as pl

from tenuto.packs.finance.pricing.activities.findings import number, percent
from tenuto.packs.finance.pricing.activities.measures import exceeds, limit_of, share
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.schemas import CHECKS, shaped


def source_spread(
    proposed: pl.DataFrame, candidates: pl.DataFrame, opened: OpenPricing
) -> pl.DataFrame:
    """The largest difference from another source, and what the policy's bands make of it.

    Up to `spread_flag` it passes; up to `spread_primary` the primary is taken with a flag; up to
    `spread_verify` a second source within `spread_primary` settles it, otherwise a person; beyond
    that the committee.
    """
    judged = _judged(_compared(proposed, candidates), opened).with_columns(
        pl.when("beyond_verify")
        .then(pl.lit("committee"))
        .when(pl.col("beyond_primary") & ~pl.col("is_verified"))
        .then(pl.lit("review"))
        .when("beyond_flag")
        .then(pl.lit("warn"))
        .otherwise(pl.lit("pass"))
        .alias("outcome"),
        pl.lit("source-spread").alias("rule"),
        (pl.col("beyond_primary") & pl.col("is_verified")).alias("is_verified"),
    )
    verified = pl.when("is_verified").then(pl.format("; {} confirms it", "nearest_source"))
    evidence = pl.format(
        "{} {} against {} {}: {}{}",
        "source",
        number(pl.col("price")),
        "far_source",
        number(pl.col("far_price")),
        percent(pl.col("value")),
        verified.otherwise(pl.lit("")),
    )
    return shaped(judged.with_columns(evidence.alias("evidence")), CHECKS)


def _judged(compared: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """With each comparison in a column of its own: exact arithmetic takes no masked rows."""
    limits = opened.policy.limits
    price = pl.col("price")
    return compared.with_columns(
        exceeds(pl.col("gap"), price, limit_of(limits.spread_flag)).alias("beyond_flag"),
        exceeds(pl.col("gap"), price, limit_of(limits.spread_primary)).alias("beyond_primary"),
        exceeds(pl.col("gap"), price, limit_of(limits.spread_verify)).alias("beyond_verify"),
        (~exceeds(pl.col("nearest"), price, limit_of(limits.spread_primary))).alias("is_verified"),
        share(pl.col("gap"), price).alias("value"),
        limit_of(limits.spread_flag).alias("limit"),
    )


def _compared(proposed: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Prices of the waterfall with the farthest and the nearest spare of the same day."""
    chosen = proposed.filter(pl.col("method") == "source")
    spares = candidates.filter(pl.col("outcome") == "spare").select(
        "instrument_id",
        "rank",
        "date",
        pl.col("source").alias("far_source"),
        pl.col("price").alias("far_price"),
    )
    pairs = (
        chosen.join(spares, on=["instrument_id", "date"], how="inner")
        .filter(pl.col("source") != pl.col("far_source"))
        .with_columns((pl.col("far_price") - pl.col("price")).abs().alias("gap"))
        .sort("instrument_id", "gap", "rank", descending=[False, True, False])
    )
    nearest = pairs.group_by("instrument_id").agg(
        pl.col("gap").last().alias("nearest"), pl.col("far_source").last().alias("nearest_source")
    )
    farthest = pairs.unique("instrument_id", keep="first", maintain_order=True)
    return farthest.join(nearest, on="instrument_id", how="inner", maintain_order="left")
