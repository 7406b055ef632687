"""Step 5: every proposed price questioned, given its level, and put before people if need be."""

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.activities.checks.ages import stale, unchanged
from tenuto.packs.finance.pricing.activities.checks.markets import market_checks
from tenuto.packs.finance.pricing.activities.checks.moves import (
    corporate_action,
    moves,
    own_change,
    volatility,
)
from tenuto.packs.finance.pricing.activities.checks.spreads import source_spread
from tenuto.packs.finance.pricing.activities.checks.yields import yield_range
from tenuto.packs.finance.pricing.activities.exceptions import find_exceptions
from tenuto.packs.finance.pricing.activities.grading import with_level
from tenuto.packs.finance.pricing.activities.opened import OpenPricing, open_pricing
from tenuto.packs.finance.pricing.activities.schemas import CHECKS, PRICE_SET, shaped
from tenuto.packs.finance.pricing.handoffs import CheckedPrices, CheckPricesRequest
from tenuto.packs.finance.pricing.math.severities import severity_of

LONGEST_LIST = 500
"""Exceptions that travel to the run; more mean that the wrong file was sent."""


@implements(catalog.check_prices)
def check_prices(request: CheckPricesRequest) -> CheckedPrices:
    """The proposed set with level, change, and flags, every check, and the exceptions."""
    opened = open_pricing(request.pricing)
    store = opened.store
    proposed = store.get_table(request.valued.prices)
    candidates = store.get_table(request.selected.candidates)
    beat("checking prices")
    moved = moves(proposed, opened)
    checks = pl.concat(
        [
            store.get_table(request.checked.findings),
            store.get_table(request.valued.findings),
            *_questions(proposed, moved, candidates, opened),
        ]
    ).sort("instrument_id", "rule", "quote_ref")
    prices = _price_set(proposed, moved, checks, opened)
    exceptions = find_exceptions(opened, prices, moved, candidates, checks)
    return CheckedPrices(
        prices=store.put_table(prices, name="proposed price set"),
        candidates=request.selected.candidates,
        checks=store.put_table(checks, name="checks"),
        count=len(exceptions),
        exceptions=tuple(exceptions[:LONGEST_LIST]),
        all_exceptions=store.put_json(exceptions, name="exceptions.json"),
    )


def _questions(
    proposed: pl.DataFrame, moved: pl.DataFrame, candidates: pl.DataFrame, opened: OpenPricing
) -> list[pl.DataFrame]:
    return [
        stale(proposed, opened),
        unchanged(proposed, opened),
        own_change(moved, opened),
        volatility(moved, opened),
        corporate_action(moved, opened),
        market_checks(moved, opened),
        source_spread(proposed, candidates, opened),
        yield_range(proposed, opened),
        _expired_overrides(opened),
    ]


def _expired_overrides(opened: OpenPricing) -> pl.DataFrame:
    rows = [
        {
            "instrument_id": each.instrument_id,
            "rule": "override-expired",
            "outcome": severity_of("override-expired", opened.policy),
            "value": None,
            "limit": None,
            "evidence": f"override {each.override_id} of {each.by} is no longer used (last day "
            f"{each.expires_on})",
            "quote_ref": None,
        }
        for each in opened.pricing.inputs.expired_overrides
    ]
    return pl.DataFrame(rows, schema=dict(CHECKS))


def _price_set(
    proposed: pl.DataFrame, moved: pl.DataFrame, checks: pl.DataFrame, opened: OpenPricing
) -> pl.DataFrame:
    """As `PriceSet`, one row per instrument; flags are the rules that did not pass."""
    flags = (
        checks.filter(pl.col("outcome") != "pass")
        .group_by("instrument_id")
        .agg(pl.col("rule").unique().sort().str.join(",").alias("flags"))
    )
    changes = moved.select("instrument_id", "change")
    priors = opened.priors.select("instrument_id", "prior_price")
    joined = (
        proposed.join(flags, on="instrument_id", how="left")
        .join(changes, on="instrument_id", how="left")
        .join(priors, on="instrument_id", how="left")
        .with_columns(pl.col("flags").fill_null(""))
    )
    return shaped(with_level(joined, opened), PRICE_SET).sort("instrument_id")
