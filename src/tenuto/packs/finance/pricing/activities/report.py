"""The report on one set as data: all that somebody who draws it needs."""

import json
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.packs.finance.pricing.activities.answers import unanswered
from tenuto.packs.finance.pricing.activities.exceptions import plain
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.scores import score_sources
from tenuto.packs.finance.pricing.handoffs import FinaliseRequest
from tenuto.packs.finance.pricing.models import (
    CheckFinding,
    FairValue,
    LevelCount,
    LevelTransfer,
    PriceChange,
    PriceWarning,
    PricingAudit,
    PricingCounts,
    PricingReport,
)

LARGEST_CHANGES = 50
MOST_WARNINGS = 500


def build_report(
    opened: OpenPricing, request: FinaliseRequest, prices: pl.DataFrame
) -> PricingReport:
    """The report. `prices` is the final `PriceSet`."""
    store, inputs = opened.store, opened.pricing.inputs
    checks = store.get_table(request.proposed.checks)
    candidates = store.get_table(request.proposed.candidates)
    warnings = checks.filter(pl.col("outcome") == "warn")
    used = set(prices["override_id"].drop_nulls())
    return PricingReport(
        pricing_id=request.pricing.pricing_id,
        policy_id=opened.policy.policy_id,
        policy_name=opened.policy.name,
        policy_sha256=inputs.policy_sha256,
        date=opened.day,
        prior_date=_prior_date(opened),
        counts=_counts(opened, request, prices),
        exceptions=request.exceptions,
        decisions=request.decisions,
        warning_count=warnings.height,
        warnings=tuple(_warning(row) for row in warnings.head(MOST_WARNINGS).iter_rows(named=True)),
        missing=tuple(prices.filter(pl.col("price").is_null())["instrument_id"]),
        sources=score_sources(
            opened,
            candidates,
            store.get_table(request.checked.quotes),
            prices,
            request.decisions,
        ),
        files=inputs.files,
        levels=_levels(opened, prices),
        transfers=_transfers(opened, prices),
        overrides=tuple(
            each for each in (*inputs.overrides, *request.overrides) if each.override_id in used
        ),
        expired_overrides=inputs.expired_overrides,
        fair_values=_fair_values(prices),
        changes=_changes(opened, prices),
    )


def _prior_date(opened: OpenPricing) -> Any:
    document = opened.pricing.inputs.prior
    if document is None:
        return None
    return PricingAudit.model_validate_json(opened.store.get_bytes(document)).date


def _counts(opened: OpenPricing, request: FinaliseRequest, prices: pl.DataFrame) -> PricingCounts:
    priced = prices.filter(pl.col("price").is_not_null())
    by_method = priced.group_by("method").len().sort("method")
    return PricingCounts(
        instruments=prices.height,
        priced=priced.height,
        missing=prices.height - priced.height,
        flagged=priced.filter(pl.col("flags") != "").height,
        quotes=opened.pricing.inputs.quotes.rows,
        exceptions=len(request.exceptions),
        unanswered=len(unanswered(request)),
        overrides=priced.filter(pl.col("method") == "override").height,
        by_method=dict(by_method.iter_rows()),
    )


def _warning(row: dict[str, Any]) -> PriceWarning:
    return PriceWarning(
        instrument_id=row["instrument_id"],
        finding=CheckFinding(
            rule=row["rule"],
            severity=row["outcome"],
            value=plain(row["value"]),
            limit=plain(row["limit"]),
            evidence=row["evidence"],
        ),
    )


def _levels(opened: OpenPricing, prices: pl.DataFrame) -> tuple[LevelCount, ...]:
    graded = (
        prices.filter(pl.col("level").is_not_null())
        .join(opened.weights, on="instrument_id", how="left")
        .group_by("level")
        .agg(pl.len(), pl.col("weight").sum())
        .sort("level")
    )
    return tuple(
        LevelCount(
            level=level, instruments=count, weight=plain(weight) if opened.has_holdings else None
        )
        for level, count, weight in graded.iter_rows()
    )


def _transfers(opened: OpenPricing, prices: pl.DataFrame) -> tuple[LevelTransfer, ...]:
    moved = prices.join(
        opened.priors.select("instrument_id", "prior_level", "prior_source"), on="instrument_id"
    ).filter(pl.col("level") != pl.col("prior_level"))
    return tuple(
        LevelTransfer(
            instrument_id=row["instrument_id"],
            prior_level=row["prior_level"],
            level=row["level"],
            reason=f"{row['prior_source']} before, now {row['source']} by {row['method']}"
            f" ({row['age_days']} trading day(s) old)",
        )
        for row in moved.sort("instrument_id").iter_rows(named=True)
    )


def _fair_values(prices: pl.DataFrame) -> tuple[FairValue, ...]:
    valued = prices.filter(pl.col("method").is_in(["prior", "broker", "model"]))
    records = []
    for row in valued.iter_rows(named=True):
        inputs = json.loads(row["inputs"])
        reason = inputs.pop("reason")
        records.append(
            FairValue(
                instrument_id=row["instrument_id"],
                method=row["method"],
                price=_known(row["price"]),
                level=row["level"],
                inputs=inputs,
                reason=reason,
                approver=row["approver"],
            )
        )
    return tuple(records)


def _changes(opened: OpenPricing, prices: pl.DataFrame) -> tuple[PriceChange, ...]:
    largest = (
        prices.filter(pl.col("change").is_not_null())
        .join(opened.instruments.select("instrument_id", "name"), on="instrument_id")
        .sort(pl.col("change").abs(), "instrument_id", descending=[True, False])
        .head(LARGEST_CHANGES)
    )
    return tuple(
        PriceChange(
            instrument_id=row["instrument_id"],
            name=row["name"] or "",
            type=row["type"],
            prior_price=_known(row["prior_price"]),
            price=_known(row["price"]),
            change=row["change"],
        )
        for row in largest.iter_rows(named=True)
    )


def _known(value: Decimal) -> Decimal:
    return plain(value) or value
