"""A pricing desk for tests: files in, and every step's body called in order, without an engine."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Document
from tenuto.packs.finance.pricing.activities.check_prices import check_prices
from tenuto.packs.finance.pricing.activities.check_quotes import check_quotes
from tenuto.packs.finance.pricing.activities.collect_quotes import collect_quotes
from tenuto.packs.finance.pricing.activities.fair_value import fair_value
from tenuto.packs.finance.pricing.activities.finalise import finalise
from tenuto.packs.finance.pricing.activities.publish import publish
from tenuto.packs.finance.pricing.activities.select_prices import select_prices
from tenuto.packs.finance.pricing.handoffs import (
    CheckedPrices,
    CheckedQuotes,
    CheckPricesRequest,
    CollectedQuotes,
    CollectQuotesRequest,
    Exclusion,
    FairValueRequest,
    FinaliseRequest,
    FinalPrices,
    Pricing,
    SelectPricesRequest,
)
from tenuto.packs.finance.pricing.models import (
    Decision,
    Override,
    PriceException,
    PricingAudit,
    PricingReport,
    PricingRequest,
)
from tenuto.packs.finance.pricing.policy import (
    PriceLimits,
    PricingPolicy,
    Source,
    SourceStep,
    WaterfallRule,
)
from tenuto.packs.finance.pricing.refusals import invalid_inputs

DAY = date(2024, 1, 3)
PRIOR = date(2024, 1, 2)
RELEASED = datetime(2024, 1, 3, 18, tzinfo=UTC)

INSTRUMENTS = "instrument_id,type,currency\n"
QUOTES = "instrument_id,date,source,field,price\n"
HISTORY = "instrument_id,date,price\n"


def policy(policy_id: str = "EOD", **changed: Any) -> PricingPolicy:
    """Sources A (exchange), B (evaluated), C (evaluated), brokers D and E; A before B before C."""
    steps = tuple(SourceStep(source=name) for name in ("A", "B", "C"))
    given: dict[str, Any] = {
        "policy_id": policy_id,
        "sources": (
            Source(source="A", kind="exchange"),
            Source(source="B", kind="evaluated"),
            Source(source="C", kind="evaluated"),
            Source(source="D", kind="broker"),
            Source(source="E", kind="broker"),
        ),
        "waterfall": (WaterfallRule(rule_id="all", steps=steps),),
        "brokers": ("D", "E"),
        **changed,
    }
    return PricingPolicy(**given)


def limits(**changed: Any) -> PriceLimits:
    """The default limits, with the checks off that need a long history."""
    return PriceLimits(**{"volatility_multiple": None, **changed})


@dataclass(frozen=True)
class Examined:
    """A proposed set."""

    pricing: Pricing
    quotes: CheckedQuotes
    proposed: CheckedPrices
    prices: pl.DataFrame
    candidates: pl.DataFrame
    checks: pl.DataFrame

    def row(self, instrument_id: str) -> dict[str, Any]:
        """The proposed price record of one instrument."""
        return self.prices.row(by_predicate=pl.col("instrument_id") == instrument_id, named=True)

    def outcome(self, instrument_id: str, rule: str) -> str | None:
        """What one check made of one instrument; None when it did not run."""
        found = self._found(instrument_id, rule)
        return str(found["outcome"][0]) if found.height else None

    def check(self, instrument_id: str, rule: str) -> dict[str, Any]:
        """One check, with value, limit, and evidence."""
        return self._found(instrument_id, rule).row(0, named=True)

    def reasons(self, instrument_id: str) -> list[tuple[str, str, str | None]]:
        """Source, outcome, and reason of every rung, best first."""
        rungs = self.candidates.filter(pl.col("instrument_id") == instrument_id).sort("rank")
        return list(rungs.select("source", "outcome", "reason").iter_rows())

    def exception(self, instrument_id: str) -> PriceException | None:
        """What people are asked about one instrument, if they are."""
        found = [each for each in self.proposed.exceptions if each.instrument_id == instrument_id]
        return found[0] if found else None

    def _found(self, instrument_id: str, rule: str) -> pl.DataFrame:
        return self.checks.filter(
            (pl.col("instrument_id") == instrument_id) & (pl.col("rule") == rule)
        )


class PricingDesk:
    """Runs sets in this process, against a real store."""

    def __init__(self, store: ArtifactStore) -> None:
        self.store = store

    def document(self, name: str, content: str | bytes) -> Document:
        """A stored input file."""
        data = content.encode() if isinstance(content, str) else content
        return self.store.put_bytes(data, name=name, media_type="text/csv")

    def request(
        self,
        instruments: str,
        quotes: str | bytes | Iterable[str | bytes],
        *,
        policy: PricingPolicy,
        day: date = DAY,
        version: int | None = 1,
        **given: Any,
    ) -> PricingRequest:
        """A request whose files are given as text."""
        listed = [quotes] if isinstance(quotes, str | bytes) else list(quotes)
        files = {
            name: self.document(f"{name}.csv", value) if _is_file(name, value) else value
            for name, value in given.items()
        }
        return PricingRequest(
            policy=policy,
            date=day,
            version=version,
            instruments=self.document("instruments.csv", instruments),
            quotes=tuple(
                self.document(f"quotes-{number}.csv", text)
                for number, text in enumerate(listed, start=1)
            ),
            **files,
        )

    def collect(self, request: PricingRequest) -> CollectedQuotes:
        """The first step alone: its problems do not raise."""
        return collect_quotes(CollectQuotesRequest(request=request))

    def examine(self, request: PricingRequest, exclusions: Iterable[Exclusion] = ()) -> Examined:
        """The proposed set. Raises DataError as the workflow does."""
        collected = self.collect(request)
        if collected.count:
            raise invalid_inputs(collected)
        pricing = Pricing(
            policy=request.policy,
            date=request.date,
            version=request.version or 1,
            inputs=collected,
            exclusions=tuple(exclusions),
        )
        quotes = check_quotes(pricing)
        selected = select_prices(SelectPricesRequest(pricing=pricing, checked=quotes))
        valued = fair_value(FairValueRequest(pricing=pricing, checked=quotes, selected=selected))
        proposed = check_prices(
            CheckPricesRequest(pricing=pricing, checked=quotes, selected=selected, valued=valued)
        )
        return Examined(
            pricing=pricing,
            quotes=quotes,
            proposed=proposed,
            prices=self.store.get_table(proposed.prices),
            candidates=self.store.get_table(proposed.candidates),
            checks=self.store.get_table(proposed.checks),
        )

    def publish(
        self,
        examined: Examined,
        decisions: Iterable[Decision] = (),
        overrides: Iterable[Override] = (),
    ) -> "Published":
        """The set as it is, published."""
        final = finalise(
            FinaliseRequest(
                pricing=examined.pricing,
                checked=examined.quotes,
                proposed=examined.proposed,
                exceptions=examined.proposed.exceptions,
                decisions=tuple(decisions),
                overrides=tuple(overrides),
                released_at=RELEASED,
            )
        )
        publish(final)
        return Published(
            final=final,
            prices=self.store.get_table(final.price_set),
            report=PricingReport.model_validate_json(self.store.get_bytes(final.report)),
            audit=PricingAudit.model_validate_json(self.store.get_bytes(final.audit)),
        )


@dataclass(frozen=True)
class Published:
    """A published set, read back."""

    final: FinalPrices
    prices: pl.DataFrame
    report: PricingReport
    audit: PricingAudit

    def price(self, instrument_id: str) -> Decimal | None:
        """The golden price of one instrument."""
        found = self.prices.row(by_predicate=pl.col("instrument_id") == instrument_id, named=True)
        price: Decimal | None = found["price"]
        return price


def _is_file(name: str, value: object) -> bool:
    return isinstance(value, str) and name != "on_exception"
