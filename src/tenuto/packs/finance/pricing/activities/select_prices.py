"""Step 3: every waterfall walked, with the reason why each source was skipped."""

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.activities.opened import OpenPricing, open_pricing
from tenuto.packs.finance.pricing.activities.schemas import CANDIDATES, MOMENT, PROPOSED, shaped
from tenuto.packs.finance.pricing.activities.waterfalls import steps_table
from tenuto.packs.finance.pricing.handoffs import SelectedPrices, SelectPricesRequest


@implements(catalog.select_prices)
def select_prices(request: SelectPricesRequest) -> SelectedPrices:
    """The first usable rung of every instrument, and a row for each rung that was looked at."""
    opened = open_pricing(request.pricing)
    beat("walking the waterfalls")
    rungs = _rungs(opened, opened.store.get_table(request.checked.quotes))
    candidates = shaped(rungs, CANDIDATES).sort("instrument_id", "rank")
    return SelectedPrices(
        candidates=opened.store.put_table(candidates, name="candidates"),
        prices=opened.store.put_table(_proposed(opened, candidates), name="selected prices"),
    )


def _rungs(opened: OpenPricing, quotes: pl.DataFrame) -> pl.DataFrame:
    """One row per instrument and rung, with the newest quote that the source has for it.

    The newest quote decides: one with a fault is not replaced by an older one of the same source,
    because the next source's price of today is better evidence than yesterday's.
    """
    newest = (
        quotes.filter(pl.col("fault").is_null() | (pl.col("fault") != "superseded"))
        .sort("instrument_id", "source", "field", "date", "quote_ref")
        .group_by("instrument_id", "source", "field", maintain_order=True)
        .last()
    )
    rungs = (
        opened.instruments.select("instrument_id", "rule")
        .join(steps_table(opened.policy), on="rule", how="inner")
        .join(newest, on=["instrument_id", "source", "field"], how="left")
    )
    judged = rungs.with_columns(_reason(opened).alias("reason"))
    rank_used = pl.col("rank").filter(pl.col("reason").is_null()).min().over("instrument_id")
    return judged.with_columns(
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit("skipped"))
        .when(pl.col("rank") == rank_used)
        .then(pl.lit("used"))
        .otherwise(pl.lit("spare"))
        .alias("outcome")
    )


def _reason(opened: OpenPricing) -> pl.Expr:
    """Why a rung cannot be used, or null."""
    excluded = [f"{each.instrument_id}\n{each.source}" for each in opened.pricing.exclusions]
    key = pl.concat_str("instrument_id", pl.lit("\n"), "source")
    return (
        pl.when(key.is_in(excluded))
        .then(pl.lit("excluded"))
        .when(pl.col("price").is_null())
        .then(pl.lit("missing"))
        .when(pl.col("age_days").is_null() | (pl.col("age_days") > pl.col("look_back_days")))
        .then(pl.lit("too-old"))
        .otherwise(pl.col("fault"))
    )


def _proposed(opened: OpenPricing, candidates: pl.DataFrame) -> pl.DataFrame:
    """One row per instrument, sorted: an override, else the used rung, else no price."""
    master = opened.instruments.select("instrument_id", "type", "currency", "unit", "rule")
    used = candidates.filter(pl.col("outcome") == "used").drop("rule", "detail", "reason")
    chosen = master.join(used, on="instrument_id", how="left").with_columns(
        pl.when(pl.col("price").is_not_null()).then(pl.lit("source")).alias("method")
    )
    overridden = _overridden(opened, chosen)
    others = chosen.join(overridden, on="instrument_id", how="anti")
    parts = [shaped(others, PROPOSED), shaped(overridden, PROPOSED)]
    return pl.concat(parts).sort("instrument_id")


def _overridden(opened: OpenPricing, chosen: pl.DataFrame) -> pl.DataFrame:
    rows = [
        {
            "instrument_id": each.instrument_id,
            "date": opened.day,
            "price": each.price,
            "source": "override",
            "rule": "override",
            "method": "override",
            "input_level": 3,
            "age_days": 0,
            "override_id": each.override_id,
            "quote_ref": each.evidence.sha256,
            "received_at": each.made_at,
            "approver": each.approver,
        }
        for each in opened.pricing.inputs.overrides
    ]
    schema = {name: PROPOSED[name] for name in rows[0]} if rows else {"instrument_id": pl.String()}
    kept = chosen.select("instrument_id", "type", "currency", "unit")
    frame = pl.DataFrame(rows, schema={**schema, **({"received_at": MOMENT} if rows else {})})
    return kept.join(frame, on="instrument_id", how="inner")
