"""How a check writes down what it found, in columns."""

import polars as pl

from tenuto.packs.finance.pricing.activities.schemas import CHECKS, shaped
from tenuto.packs.finance.pricing.math.severities import severity_of
from tenuto.packs.finance.pricing.policy import PricingPolicy, RuleId


def findings(
    frame: pl.DataFrame, rule: RuleId, policy: PricingPolicy, *, evidence: pl.Expr
) -> pl.DataFrame:
    """One row per row of `frame`, as `PricingAudit.checks`: `pass`, or the rule's severity.

    Reads `instrument_id`, `is_wrong`, and where they are there `value`, `limit`, `quote_ref`.
    """
    failed = pl.lit(severity_of(rule, policy))
    return shaped(
        frame.with_columns(
            pl.lit(rule).alias("rule"),
            pl.when("is_wrong").then(failed).otherwise(pl.lit("pass")).alias("outcome"),
            evidence.alias("evidence"),
        ),
        CHECKS,
    )


def percent(fraction: pl.Expr) -> pl.Expr:
    """A fraction for a person: `5.25 %`, two decimals."""
    return pl.format("{} %", (fraction.cast(pl.Float64) * 100).round(2))


def number(value: pl.Expr) -> pl.Expr:
    """A decimal for a person, without filler zeros."""
    text = value.cast(pl.String)
    return (
        pl.when(text.str.contains(".", literal=True))
        .then(text.str.strip_chars_end("0").str.strip_chars_end("."))
        .otherwise(text)
    )
