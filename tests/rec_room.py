"""A small room to reconcile in: a store, files made of text, and the steps of a run in order."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset, Document, Reference
from tenuto.packs.finance.reconciliation.activities.classify import classify
from tenuto.packs.finance.reconciliation.activities.collect import collect
from tenuto.packs.finance.reconciliation.activities.match import match
from tenuto.packs.finance.reconciliation.activities.prove import prove
from tenuto.packs.finance.reconciliation.activities.publish import publish
from tenuto.packs.finance.reconciliation.activities.report import report
from tenuto.packs.finance.reconciliation.handoffs import (
    ClassifiedBreaks,
    ClassifyRequest,
    CollectRequest,
    DeskDecisions,
    MatchedSides,
    MatchRequest,
    ProveRequest,
    PublishRequest,
    ReportRequest,
)
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, RecReport, Resources
from tenuto.packs.finance.reconciliation.rules import RecRules

DAY = date(2024, 1, 3)
NEXT = date(2024, 1, 4)
SIDES = ("ours", "theirs", "third")


def rules_for(kind: str, *, count: int = 2, **changed: Any) -> RecRules:
    """Rules of one kind with its defaults, in EUR, every weekday a dealing day."""
    written = {
        "rec_id": "TEST",
        "kind": kind,
        "base_currency": "EUR",
        "calendar": "WEEKDAYS",
        "sides": [{"name": name} for name in SIDES[:count]],
    }
    return RecRules.model_validate(written | changed)


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """One run, step by step."""

    store: ArtifactStore
    matched: MatchedSides
    classified: ClassifiedBreaks
    report: RecReport
    document: Document

    def table(self, dataset: Dataset) -> pl.DataFrame:
        return self.store.get_table(dataset)

    @property
    def breaks(self) -> pl.DataFrame:
        return self.table(self.report.breaks)

    @property
    def matches(self) -> pl.DataFrame:
        return self.table(self.report.matches)

    def classes(self) -> dict[str, str]:
        """Key of each break -> its class."""
        return dict(self.breaks.select("key", "break_class").iter_rows())

    def passes(self) -> dict[str, int]:
        """Pass -> matches, of those that made any."""
        return {each.name: each.matches for each in self.report.passes if each.matches}


@dataclass
class RecRoom:
    """Runs reconciliations on one store, each after the one before."""

    store: ArtifactStore
    resources: Resources = field(default_factory=lambda: Resources(memory_mb=256))

    def __post_init__(self) -> None:
        self._versions: Counter[tuple[str, date]] = Counter()

    def document(self, name: str, text: str | bytes) -> Document:
        data = text.encode() if isinstance(text, str) else text
        return self.store.put_bytes(data, name=name, media_type="text/csv")

    def request(
        self, rules: RecRules, *files: str | Reference | None, day: date = DAY, **changed: Any
    ) -> ReconciliationRequest:
        """A request for these files, in the order of the sides; None is a side that is late."""
        sources = {
            side.name: self.document(f"{side.name}.csv", file) if isinstance(file, str) else file
            for side, file in zip(rules.sides, files, strict=True)
            if file is not None
        }
        self._versions[rules.rec_id, day] += 1
        values = {
            "version": self._versions[rules.rec_id, day],
            "resources": self.resources,
        } | changed
        return ReconciliationRequest(rules=rules, date=day, sources=sources, **values)

    def run(
        self,
        rules: RecRules,
        *files: str | Reference | None,
        day: date = DAY,
        decisions: DeskDecisions | None = None,
        **changed: Any,
    ) -> Reconciled:
        """Runs every step and publishes."""
        request = self.request(rules, *files, day=day, **changed)
        collected = collect(CollectRequest(request=request, decisions=decisions or DeskDecisions()))
        matched = match(
            MatchRequest(rules=rules, date=day, collected=collected, resources=request.resources)
        )
        classified = classify(
            ClassifyRequest(request=request, collected=collected, matched=matched)
        )
        proven = prove(
            ProveRequest(
                request=request, collected=collected, matched=matched, classified=classified
            )
        )
        reported = report(
            ReportRequest(
                request=request,
                collected=collected,
                matched=matched,
                classified=classified,
                proven=proven,
            )
        )
        publish(
            PublishRequest(
                run_id=collected.run_id,
                document=reported.document,
                breaks=reported.report.breaks,
            )
        )
        return Reconciled(
            store=self.store,
            matched=matched,
            classified=classified,
            report=reported.report,
            document=reported.document,
        )
