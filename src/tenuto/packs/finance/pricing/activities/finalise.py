"""Step 6: people's decisions in the set, and the three files that explain it."""

from collections.abc import Iterable

import polars as pl

from tenuto import __version__
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.media_types import PARQUET
from tenuto.catalog import implements
from tenuto.core.references import Dataset, Document
from tenuto.packs.finance.pricing import catalog
from tenuto.packs.finance.pricing.activities.answers import all_exceptions, unanswered
from tenuto.packs.finance.pricing.activities.history import AUDIT
from tenuto.packs.finance.pricing.activities.opened import OpenPricing, open_pricing
from tenuto.packs.finance.pricing.activities.report import build_report
from tenuto.packs.finance.pricing.activities.schemas import MOMENT, NAV_PRICES, PRICE_SET, shaped
from tenuto.packs.finance.pricing.handoffs import FinaliseRequest, FinalPrices
from tenuto.packs.finance.pricing.models import Decision, Override, PricingAudit

UNANSWERED = "unanswered"
"""Flag of a price that was published although nobody answered what speaks against it."""

_LISTED = 100


@implements(catalog.finalise)
def finalise(request: FinaliseRequest) -> FinalPrices:
    """The set with overrides and approvers, and the report and audit that go with it."""
    opened = open_pricing(request.pricing)
    store = opened.store
    request = request.model_copy(update={"exceptions": all_exceptions(request, store)})
    prices = _decided(store.get_table(request.proposed.prices), request)
    beat("writing the set")
    price_set = store.put_table(prices, name="price-set.parquet")
    nav_prices = store.put_table(
        prices.filter(pl.col("price").is_not_null()).select(NAV_PRICES), name="prices.parquet"
    )
    report = build_report(opened, request, prices)
    document = store.put_json(report, name="report.json")
    audit = _audit(opened, request, price_set, _as_document(nav_prices), document)
    return FinalPrices(
        pricing_id=request.pricing.pricing_id,
        prices=audit.prices,
        price_set=price_set,
        checks=request.proposed.checks,
        candidates=request.proposed.candidates,
        quotes=request.pricing.inputs.quotes,
        report=document,
        audit=store.put_json(audit, name=AUDIT),
        counts=report.counts,
        missing=report.missing[:_LISTED],
    )


def _decided(prices: pl.DataFrame, request: FinaliseRequest) -> pl.DataFrame:
    approved = _with_approvers(prices, request.decisions)
    overridden = _overridden(approved, request.overrides)
    others = approved.join(overridden, on="instrument_id", how="anti")
    flag = (
        pl.when(pl.col("instrument_id").is_in(unanswered(request)))
        .then(pl.concat_str("flags", pl.lit(UNANSWERED), separator=","))
        .otherwise(pl.col("flags"))
    )
    return pl.concat([others, overridden]).with_columns(flag.alias("flags")).sort("instrument_id")


def _with_approvers(prices: pl.DataFrame, decisions: Iterable[Decision]) -> pl.DataFrame:
    accepted = {
        each.instrument_id: each.approver or each.by
        for each in decisions
        if each.action == "accept"
    }
    if not accepted:
        return prices
    by = pl.col("instrument_id").replace_strict(accepted, default=None, return_dtype=pl.String)
    return prices.with_columns(pl.coalesce(by, "approver").alias("approver"))


def _overridden(prices: pl.DataFrame, overrides: Iterable[Override]) -> pl.DataFrame:
    """The rows of overridden instruments; change and inputs are those of another price."""
    rows = [
        {
            "instrument_id": each.instrument_id,
            "date": each.effective,
            "price": each.price,
            "source": "override",
            "field": None,
            "rule": "override",
            "method": "override",
            "level": 3,
            "age_days": 0,
            "override_id": each.override_id,
            "quote_ref": each.evidence.sha256,
            "received_at": each.made_at,
            "change": None,
            "approver": each.approver,
            "inputs": None,
        }
        for each in overrides
    ]
    if not rows:
        return prices.clear()
    schema = {name: PRICE_SET[name] for name in rows[0]} | {"received_at": MOMENT}
    changed = pl.DataFrame(rows, schema=schema)
    kept = prices.select("instrument_id", "type", "currency", "unit", "flags", "prior_price")
    return shaped(kept.join(changed, on="instrument_id", how="inner"), PRICE_SET)


def _as_document(dataset: Dataset) -> Document:
    return Document(
        uri=dataset.uri,
        sha256=dataset.sha256,
        bytes=dataset.bytes,
        media_type=PARQUET,
        name=dataset.name,
    )


def _audit(
    opened: OpenPricing,
    request: FinaliseRequest,
    price_set: Dataset,
    prices: Document,
    report: Document,
) -> PricingAudit:
    inputs = opened.pricing.inputs
    replaced = {each.instrument_id for each in request.overrides}
    standing = [each for each in inputs.overrides if each.instrument_id not in replaced]
    return PricingAudit(
        pricing_id=request.pricing.pricing_id,
        policy=opened.policy,
        policy_sha256=inputs.policy_sha256,
        date=opened.day,
        strike=opened.pricing.version,
        code_version=__version__,
        released_at=request.released_at,
        files=inputs.files,
        prior=inputs.prior,
        price_set=price_set,
        prices=prices,
        quotes=inputs.quotes,
        candidates=request.proposed.candidates,
        checks=request.proposed.checks,
        exceptions=request.exceptions,
        decisions=request.decisions,
        overrides=(*standing, *request.overrides),
        expired_overrides=inputs.expired_overrides,
        report=report,
    )
