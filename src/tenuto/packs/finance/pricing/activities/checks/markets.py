"""Prices against what they should move with: benchmark, peer, sector."""

import polars as pl

from tenuto.packs.finance.pricing.activities.findings import findings, percent
from tenuto.packs.finance.pricing.activities.measures import limit_of, share
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.schemas import CHECKS, FRACTION
from tenuto.packs.finance.pricing.policy import RuleId


def market_checks(moved: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """The difference from the change of each instrument's benchmark, peer, and sector."""
    if opened.policy.limits.relative_change is None:
        return pl.DataFrame(schema=dict(CHECKS))
    grouped = moved.join(
        opened.instruments.select("instrument_id", "benchmark", "peer", "sector"),
        on="instrument_id",
    )
    return pl.concat(
        [
            _judged(_with_benchmark(grouped, opened), "benchmark", opened),
            _judged(_with_peer(grouped), "peer", opened),
            _judged(_with_sector(grouped, opened), "sector", opened),
        ]
    )


def _with_benchmark(moved: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """`other`: the series' change between the dates of the prior price and of the price.

    The level of a date is the last one on or before it; a series that ends earlier than the prior
    price, or has not moved on since, says nothing.
    """
    series = opened.table("series").select(
        pl.col("series_id").alias("benchmark"), pl.col("date").alias("on"), "level"
    )
    wanted = moved.filter(pl.col("benchmark").is_not_null())
    levels = series.sort("on")
    joined = wanted
    for name, day in (("was", "prior_date"), ("is", "date")):
        joined = joined.sort(day).join_asof(
            levels.rename({"level": name, "on": f"{name}_on"}),
            left_on=day,
            right_on=f"{name}_on",
            by="benchmark",
            check_sortedness=False,
        )
    told = joined.filter(pl.col("was").is_not_null() & (pl.col("is_on") > pl.col("was_on")))
    return told.with_columns(share(pl.col("is") - pl.col("was"), pl.col("was")).alias("other"))


def _with_peer(moved: pl.DataFrame) -> pl.DataFrame:
    """`other`: the change of the instrument that the master names as peer."""
    peers = moved.select(pl.col("instrument_id").alias("peer"), pl.col("change").alias("other"))
    return moved.join(peers, on="peer", how="inner")


def _with_sector(moved: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """`other`: the median change of the sector, which has enough members beside this one."""
    members = opened.policy.limits.sector_members
    median = pl.col("change").median().over("sector").round(8).cast(FRACTION)
    return moved.filter(
        pl.col("sector").is_not_null() & (pl.len().over("sector") > members)
    ).with_columns(median.alias("other"))


def _judged(moved: pl.DataFrame, rule: RuleId, opened: OpenPricing) -> pl.DataFrame:
    limit = opened.policy.limits.relative_change
    assert limit is not None  # noqa: S101 (asked before)
    judged = moved.with_columns(
        (pl.col("change") - pl.col("other")).alias("value"), limit_of(limit).alias("limit")
    ).with_columns((pl.col("value").abs() > pl.col("limit")).alias("is_wrong"))
    evidence = pl.format(
        "{} against {} of {} `{}`",
        percent(pl.col("change")),
        percent(pl.col("other")),
        pl.lit(rule),
        rule,
    )
    return findings(judged, rule, opened.policy, evidence=evidence)
