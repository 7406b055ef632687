"""How good each source was, from the rungs that asked it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.core.money import RoundingMode, divide
from tenuto.packs.finance.pricing.activities.check_quotes import QUOTE_RULES
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.models import Decision, SourceUse

_PLACES = 4


def score_sources(
    opened: OpenPricing,
    candidates: pl.DataFrame,
    checked: pl.DataFrame,
    prices: pl.DataFrame,
    decisions: Iterable[Decision],
) -> tuple[SourceUse, ...]:
    """One record per source of the policy and of the quote files, sorted by name."""
    sent = opened.table("quotes")["source"].unique().to_list()
    names = sorted({each.source for each in opened.policy.sources} | set(sent))
    rungs = _instruments_by_source(candidates)
    quotes = _quotes_by_source(checked)
    used = dict(
        prices.filter(pl.col("method").is_in(["source", "broker"]))
        .group_by("source")
        .len()
        .iter_rows()
    )
    challenged: dict[str, set[str]] = {}
    for each in decisions:
        if each.action == "challenge_vendor" and each.source:
            challenged.setdefault(each.source, set()).add(each.instrument_id)
    return tuple(
        _use(
            name,
            opened,
            rungs.get(name, {}),
            quotes.get(name, {}),
            used.get(name, 0),
            len(challenged.get(name, ())),
        )
        for name in names
    )


def _use(
    name: str,
    opened: OpenPricing,
    rungs: dict[str, Any],
    quotes: dict[str, Any],
    used: int,
    challenged: int,
) -> SourceUse:
    expected, covered = rungs.get("expected", 0), rungs.get("covered", 0)
    stale, failed = rungs.get("stale", 0), rungs.get("failed", 0)
    corrected = quotes.get("corrected", 0)
    faults = expected - covered + stale + failed + corrected + challenged
    return SourceUse(
        source=name,
        kind=opened.policy.kind_of(name),
        expected=expected,
        covered=covered,
        used=used,
        stale=stale,
        late=quotes.get("late", 0),
        corrected=corrected,
        failed=failed,
        challenged=challenged,
        score=_score(faults, expected),
    )


def _score(faults: int, expected: int) -> Decimal | None:
    if not expected:
        return None
    good = max(expected - faults, 0)
    return divide(good, expected, places=_PLACES, mode=RoundingMode.HALF_EVEN)


def _instruments_by_source(candidates: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Each instrument once per source, by its best rung."""
    best = candidates.sort("rank").unique(["instrument_id", "source"], keep="first")
    is_there = ~pl.col("reason").is_in(["missing", "too-old"]).fill_null(False)
    counted = best.group_by("source").agg(
        pl.len().alias("expected"),
        is_there.sum().alias("covered"),
        (is_there & (pl.col("age_days") > 0)).sum().alias("stale"),
        pl.col("reason").is_in(QUOTE_RULES).sum().alias("failed"),
    )
    return {row["source"]: row for row in counted.iter_rows(named=True)}


def _quotes_by_source(checked: pl.DataFrame) -> dict[str, dict[str, Any]]:
    replaced = pl.col("detail").str.starts_with("replaced") & (pl.col("fault") == "superseded")
    counted = checked.group_by("source").agg(
        pl.col("is_late").sum().alias("late"),
        pl.col("instrument_id").filter(replaced.fill_null(False)).n_unique().alias("corrected"),
    )
    return {row["source"]: row for row in counted.iter_rows(named=True)}
