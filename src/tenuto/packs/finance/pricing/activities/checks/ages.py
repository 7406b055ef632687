"""Old prices: older than the valuation date, or the same number day after day."""

import polars as pl

from tenuto.packs.finance.pricing.activities.ages import is_dealing_day
from tenuto.packs.finance.pricing.activities.findings import findings, number
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.schemas import CHECKS


def stale(proposed: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """Trading days that a price from a source is older than the valuation date.

    A price of the last trading day before a holiday is not old; the evidence says why.
    """
    limit = opened.policy.limits.stale_days
    judged = (
        proposed.filter(pl.col("method").is_in(["source", "broker"]))
        .join(opened.instruments.select("instrument_id", "calendar"), on="instrument_id")
        .with_columns(
            pl.col("age_days").alias("value"),
            pl.lit(limit).alias("limit"),
            (pl.col("age_days") > limit).alias("is_wrong"),
        )
    )
    is_holiday = (pl.col("age_days") == 0) & (pl.col("date") < opened.day)
    evidence = (
        pl.when(is_holiday)
        .then(pl.format("{} is closed on {}; the price is of {}, the last trading day",
                        "calendar", pl.lit(opened.day), "date"))
        .when(pl.col("date") == opened.day)
        .then(pl.lit("the price is of the valuation date"))
        .otherwise(pl.format("{} has no newer price than of {}, {} trading day(s) old",
                             "source", "date", "age_days"))
    )  # fmt: skip
    return findings(judged, "stale", opened.policy, evidence=evidence)


def unchanged(proposed: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """Published prices in a row, today's among them, that are equal; holidays do not count."""
    limit = opened.policy.limits.unchanged_days
    if limit is None:
        return pl.DataFrame(schema=dict(CHECKS))
    new = proposed.filter(pl.col("method").is_in(["source", "broker"]))
    counted = _runs(new, opened.history)
    suspects = counted.filter(pl.col("value") > limit)
    exact = _runs(suspects.drop("value"), _on_trading_days(suspects, opened))
    others = counted.filter(pl.col("value") <= limit)
    judged = pl.concat([others, exact]).with_columns(
        pl.lit(limit).alias("limit"),
        (pl.col("value") > limit).alias("is_wrong"),
    )
    evidence = pl.format("{} {} day(s) in a row", number(pl.col("price")), "value")
    return findings(judged, "unchanged", opened.policy, evidence=evidence)


def _runs(prices: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """`prices` with `value`: how many of the latest prices, today's among them, are equal."""
    same = history.join(
        prices.select("instrument_id", pl.col("price").alias("today")), on="instrument_id"
    ).sort("instrument_id", "date", descending=[False, True])
    is_equal = (pl.col("price") == pl.col("today")).cast(pl.Int64)
    runs = same.group_by("instrument_id").agg((1 + is_equal.cum_prod().sum()).alias("value"))
    return prices.join(runs, on="instrument_id", how="inner", maintain_order="left")


def _on_trading_days(suspects: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """The history of a few instruments without the days on which their market was closed."""
    calendars = opened.instruments.select("instrument_id", "calendar")
    dated = opened.history.join(suspects.select("instrument_id"), on="instrument_id", how="semi")
    dated = dated.join(calendars, on="instrument_id")
    days = dated.select("calendar", "date").unique()
    is_open = [is_dealing_day(calendar, day) for calendar, day in days.iter_rows()]
    opens = days.filter(pl.Series(is_open, dtype=pl.Boolean))
    return dated.join(opens, on=["calendar", "date"], how="semi").drop("calendar")
