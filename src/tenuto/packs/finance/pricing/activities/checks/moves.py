"""Prices against their own past: size of the change, volatility, corporate actions."""

from decimal import Decimal

import polars as pl

from tenuto.packs.finance.pricing.activities.adjusted import adjusted_priors
from tenuto.packs.finance.pricing.activities.findings import findings, number, percent
from tenuto.packs.finance.pricing.activities.measures import exceeds, share
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.schemas import FRACTION

QUESTIONED = ("source", "broker", "model")
"""Methods whose price is new: a prior price has not moved, an override has been approved."""


def moves(proposed: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """New prices that have a comparable prior, with `gap`, `change`, and `own_limit`.

    `gap` is the price less the prior price after corporate actions, `change` the same as a
    fraction of the latter.
    """
    new = proposed.filter(pl.col("method").is_in(QUESTIONED))
    joined = new.join(adjusted_priors(opened), on="instrument_id", how="inner")
    limits = {name: opened.policy.rule_limit(name) for name in joined["type"].unique()}
    return joined.with_columns(
        (pl.col("price") - pl.col("expected")).alias("gap"),
        pl.col("type")
        .replace_strict(limits or {"": Decimal(0)}, return_dtype=FRACTION)
        .alias("own_limit"),
    ).with_columns(share(pl.col("gap"), pl.col("expected")).alias("change"))


def own_change(moved: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """Change since the prior price, corporate actions taken out, against the type's limit."""
    judged = moved.with_columns(
        exceeds(pl.col("gap"), pl.col("expected"), pl.col("own_limit")).alias("is_wrong"),
        pl.col("change").alias("value"),
        pl.col("own_limit").alias("limit"),
    )
    after = pl.when(pl.col("actions").is_not_null()).then(
        pl.format(" after {}", pl.col("actions").fill_null(""))
    )
    evidence = pl.format(
        "{} from {} on {} to {} ({}{})",
        percent(pl.col("change")),
        number(pl.col("expected")),
        "prior_date",
        number(pl.col("price")),
        "source",
        after.otherwise(pl.lit("")),
    )
    return findings(judged, "own-change", opened.policy, evidence=evidence)


def volatility(moved: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """Change as a multiple of the standard deviation of the last changes in the history.

    Floats: a deviation is an estimate. The multiple is rounded to eight decimals before it is
    compared, so that one at the limit passes. No check with too few, or only equal, prices.
    """
    limits = opened.policy.limits
    if limits.volatility_multiple is None:
        return findings(_none(moved), "volatility", opened.policy, evidence=pl.lit(""))
    needed = limits.volatility_observations
    changes = opened.history.select(
        "instrument_id",
        pl.col("price").cast(pl.Float64).pct_change().over("instrument_id").alias("past"),
    ).drop_nulls()
    deviations = (
        changes.group_by("instrument_id", maintain_order=True)
        .agg(pl.col("past").tail(needed).std().alias("deviation"), pl.len().alias("seen"))
        .filter((pl.col("seen") >= needed) & (pl.col("deviation") > 0))
    )
    multiple = (pl.col("change").cast(pl.Float64).abs() / pl.col("deviation")).round(8)
    judged = moved.join(deviations, on="instrument_id", how="inner").with_columns(
        multiple.alias("value"),
        pl.lit(float(limits.volatility_multiple)).alias("limit"),
        (multiple > float(limits.volatility_multiple)).alias("is_wrong"),
    )
    evidence = pl.format(
        "{} is {} times the standard deviation of the last {} changes ({})",
        percent(pl.col("change")),
        pl.col("value").round(2),
        pl.lit(needed),
        percent(pl.col("deviation")),
    )
    return findings(judged, "volatility", opened.policy, evidence=evidence)


def corporate_action(moved: pl.DataFrame, opened: OpenPricing) -> pl.DataFrame:
    """Whether a price shows the split or dividend that went ex, where that is large enough to see.

    One whose effect is within the change limit is not looked for: the market hides it.
    """
    expected = pl.col("prior_price") - pl.col("expected")
    seen = moved.filter(pl.col("actions").is_not_null()).filter(
        exceeds(expected, pl.col("prior_price"), pl.col("own_limit"))
    )
    judged = seen.with_columns(
        ((pl.col("price") - pl.col("prior_price")).abs() < pl.col("gap").abs()).alias("is_wrong"),
        share(pl.col("price") - pl.col("prior_price"), pl.col("prior_price")).alias("value"),
        share(pl.col("expected") - pl.col("prior_price"), pl.col("prior_price")).alias("limit"),
    )
    evidence = pl.format(
        "{}: expected about {}, found {} ({})",
        "actions",
        number(pl.col("expected")),
        number(pl.col("price")),
        "source",
    )
    return findings(judged, "corporate-action", opened.policy, evidence=evidence)


def _none(moved: pl.DataFrame) -> pl.DataFrame:
    return moved.clear().with_columns(pl.lit(False).alias("is_wrong"))
