"""Step 2: every quote in its instrument's unit, and those that cannot be used."""

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.activities.ages import age_table
from tenuto.packs.finance.pricing.activities.findings import findings
from tenuto.packs.finance.pricing.activities.fx_checks import fx_findings
from tenuto.packs.finance.pricing.activities.opened import OpenPricing, open_pricing
from tenuto.packs.finance.pricing.activities.quote_faults import with_faults
from tenuto.packs.finance.pricing.activities.schemas import CHECKED_QUOTES, CHECKS, PRICE, shaped
from tenuto.packs.finance.pricing.activities.units import in_unit_of
from tenuto.packs.finance.pricing.activities.waterfalls import longest_look_back
from tenuto.packs.finance.pricing.handoffs import CheckedQuotes, Pricing
from tenuto.packs.finance.pricing.policy import RuleId

QUOTE_RULES: tuple[RuleId, ...] = (
    "not-positive",
    "currency",
    "unit",
    "unit-change",
    "bid-over-ask",
    "outside-spread",
    "two-prices",
)
"""Checks whose name is also the fault of a quote that failed them."""


@implements(catalog.check_quotes)
def check_quotes(pricing: Pricing) -> CheckedQuotes:
    """Every quote of a known instrument and source up to the valuation date, with its fault."""
    opened = open_pricing(pricing)
    beat("checking quotes")
    quotes = with_faults(_with_mids(_usable(opened)), opened)
    return CheckedQuotes(
        quotes=opened.store.put_table(
            shaped(quotes, CHECKED_QUOTES).sort(
                "instrument_id", "source", "field", "date", "quote_ref"
            ),
            name="checked quotes",
        ),
        findings=opened.store.put_table(
            pl.concat([_about_quotes(opened, quotes), fx_findings(opened)]).sort(
                "instrument_id", "rule", "quote_ref"
            ),
            name="findings on quotes",
        ),
    )


def _usable(opened: OpenPricing) -> pl.DataFrame:
    """Quotes joined with their instrument; one after the valuation date is not looked at."""
    master = opened.instruments.select(
        "instrument_id",
        "calendar",
        pl.col("currency").alias("of_currency"),
        pl.col("unit").alias("of_unit"),
    ).unique("instrument_id", keep="first", maintain_order=True)
    sources = [each.source for each in opened.policy.sources]
    known = opened.table("quotes").filter(
        pl.col("source").is_in(sources) & (pl.col("date") <= opened.day)
    )
    ages = age_table(master["calendar"].unique(), opened.day, longest_look_back(opened.policy))
    cut_off = opened.pricing.inputs.cut_off
    is_late = pl.lit(False) if cut_off is None else pl.col("received_at") > cut_off
    return (
        known.join(master, on="instrument_id", how="inner")
        .join(ages, on=["calendar", "date"], how="left")
        .with_columns(
            in_unit_of("price", pl.col("unit").fill_null(pl.col("of_unit")), pl.col("of_unit")),
            pl.col("price").alias("given_price"),
            pl.col("unit").alias("given_unit"),
            is_late.fill_null(False).alias("is_late"),
        )
    )


def _with_mids(quotes: pl.DataFrame) -> pl.DataFrame:
    """Adds the mid of bid and ask where a source sent both and no mid for that day.

    Made of the latest bid and ask; half of their exact sum, to ten decimals.
    """
    keys = ["instrument_id", "source", "date"]
    sides = (
        quotes.filter(pl.col("field").is_in(["bid", "ask"]))
        .sort("received_at", "quote_ref", nulls_last=False)
        .unique([*keys, "field"], keep="last", maintain_order=True)
    )
    bids, asks = (sides.filter(pl.col("field") == side) for side in ("bid", "ask"))
    has_mid = quotes.filter(pl.col("field") == "mid").select(keys).unique()
    both = bids.join(asks, on=keys, how="inner", suffix="_ask").join(has_mid, on=keys, how="anti")
    half = (pl.col("price") + pl.col("price_ask")).cast(pl.Decimal(38, 11)) / 2
    mids = both.with_columns(
        half.cast(PRICE).alias("price"),
        half.cast(PRICE).alias("given_price"),
        pl.lit("mid").alias("field"),
        pl.format("{},{}", "quote_ref", "quote_ref_ask").alias("quote_ref"),
        pl.max_horizontal("received_at", "received_at_ask").alias("received_at"),
        (pl.col("is_late") | pl.col("is_late_ask")).alias("is_late"),
    )
    return pl.concat([quotes, mids.select(quotes.columns)])


def _about_quotes(opened: OpenPricing, quotes: pl.DataFrame) -> pl.DataFrame:
    """A finding for every fault that a check found in the look-back of some rung.

    A bid over its ask makes both unusable, and their mid; it is told once.
    """
    is_told = (pl.col("fault") != "bid-over-ask") | (pl.col("field") == "bid")
    is_told &= pl.col("fault").is_in(QUOTE_RULES) & pl.col("age_days").is_not_null()
    faulty = quotes.filter(is_told)
    parts = [pl.DataFrame(schema=dict(CHECKS))]
    for rule in QUOTE_RULES:
        of_rule = faulty.filter(pl.col("fault") == rule)
        if of_rule.height:
            parts.append(
                findings(
                    of_rule.with_columns(pl.lit(True).alias("is_wrong")),
                    rule,
                    opened.policy,
                    evidence=pl.format("{} {} of {}: {}", "source", "field", "date", "detail"),
                )
            )
    return pl.concat(parts)
