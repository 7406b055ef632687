"""Which rule of the policy prices which instrument."""

import polars as pl

from tenuto.packs.finance.pricing.policy import PricingPolicy, WaterfallRule


def with_rule(instruments: pl.DataFrame, policy: PricingPolicy) -> pl.DataFrame:
    """`instruments` with `rule`: the first rule of the policy that fits, or null."""
    chosen = pl.coalesce(
        *(pl.when(_fits(rule)).then(pl.lit(rule.rule_id)) for rule in policy.waterfall),
        pl.lit(None, pl.String),
    )
    return instruments.with_columns(chosen.alias("rule"))


def with_defaults(instruments: pl.DataFrame, policy: PricingPolicy) -> pl.DataFrame:
    """`instruments` with `unit` and `calendar` filled from the policy where they are empty."""
    by_country = pl.col("country").replace_strict(
        policy.calendars or {"": ""}, default=None, return_dtype=pl.String
    )
    return instruments.with_columns(
        pl.col("unit").fill_null("unit"),
        pl.coalesce("calendar", by_country, pl.lit(policy.default_calendar)).alias("calendar"),
    )


def steps_table(policy: PricingPolicy) -> pl.DataFrame:
    """`rule, rank, source, field, look_back_days`: every rung of every rule, rank 1 first."""
    rows = [
        (
            rule.rule_id,
            rank,
            step.source,
            step.field or rule.field,
            rule.look_back_days if step.look_back_days is None else step.look_back_days,
        )
        for rule in policy.waterfall
        for rank, step in enumerate(rule.steps, start=1)
    ]
    schema = {
        "rule": pl.String,
        "rank": pl.Int64,
        "source": pl.String,
        "field": pl.String,
        "look_back_days": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def longest_look_back(policy: PricingPolicy) -> int:
    """The largest number of trading days that any rung looks back."""
    looks = [rule.look_back_days for rule in policy.waterfall]
    looks += [step.look_back_days or 0 for rule in policy.waterfall for step in rule.steps]
    return max([*looks, policy.broker_look_back_days, policy.limits.stale_days])


def _fits(rule: WaterfallRule) -> pl.Expr:
    fits = pl.lit(True)
    for column, values in {
        "type": rule.types,
        "currency": rule.currencies,
        "country": rule.countries,
        "instrument_id": rule.instruments,
    }.items():
        if values:
            fits &= pl.col(column).is_in(list(values)).fill_null(False)
    return fits
