"""Step 3: every raw break gets its class, worth, priority, and life."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.core.money import RoundingMode, divide, multiply
from tenuto.core.references import Document
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.activities.breaks.auto_resolve import auto_resolve
from tenuto.packs.finance.reconciliation.activities.breaks.classes import (
    classify_break,
    position_type,
)
from tenuto.packs.finance.reconciliation.activities.breaks.lives import (
    Ages,
    History,
    ended_table,
    read_history,
)
from tenuto.packs.finance.reconciliation.activities.breaks.rates import (
    base_per_local,
    in_base,
    rounded,
)
from tenuto.packs.finance.reconciliation.activities.breaks.raw import SUFFIXES, RawBreak
from tenuto.packs.finance.reconciliation.activities.breaks.schema import breaks_schema
from tenuto.packs.finance.reconciliation.activities.breaks.worth import worth
from tenuto.packs.finance.reconciliation.activities.history import read_report
from tenuto.packs.finance.reconciliation.cases import ACCEPTING
from tenuto.packs.finance.reconciliation.handoffs import (
    ClassifiedBreaks,
    ClassifyRequest,
    DeskDecisions,
)
from tenuto.packs.finance.reconciliation.math.ranks import bucket_of, priority_of
from tenuto.packs.finance.reconciliation.models import (
    AutoResolved,
    ReconciliationRequest,
    RollForward,
)

_PER_BEAT = 10_000
_RELATIVE_PLACES = 8
_BP_PLACES = 4
_GONE = "no longer found: the items match now, or are gone from the files"


@implements(catalog.classify)
def classify(request: ClassifyRequest) -> ClassifiedBreaks:
    """Today's breaks and yesterday's that are gone. The same inputs give the same bytes."""
    store = current_store()
    asked, collected = request.request, request.collected
    prior = read_report(store, collected.prior) if collected.prior else None
    history = read_history(prior, store)
    classifier = _Classifier(
        asked, history, base_per_local(asked.rules, asked.fx, asked.date, store)
    )
    found = store.get_table(request.matched.found)
    rows = list(classifier.rows(found, is_estimated=any(s.is_estimated for s in collected.sides)))
    _keep_accepted(rows, collected.decisions, store)
    resolved = auto_resolve(asked.rules.auto_resolve, rows, asked.date)
    rows.sort(key=lambda row: row["break_id"])
    open_now = {row["break_id"] for row in rows}
    gone = [_closed(row, asked.date) for row in history.gone(open_now)]
    schema = breaks_schema(asked.rules)
    return ClassifiedBreaks(
        breaks=store.put_table(pl.DataFrame(rows, schema=schema, orient="row"), name="breaks"),
        closed=store.put_table(pl.DataFrame(gone, schema=schema, orient="row"), name="closed"),
        ended=store.put_table(ended_table(history, gone, open_now, asked.date), name="ended"),
        auto_resolved=(*_write_offs(request, store, classifier.rates), *resolved),
        roll=_roll(rows, gone, history, prior.date if prior else None, classifier.returned),
    )


def _keep_accepted(
    rows: Sequence[dict[str, Any]], document: Document | None, store: ArtifactStore
) -> None:
    """A difference that people accepted stays accepted for as long as it is the same."""
    if document is None:
        return
    decisions = DeskDecisions.model_validate(store.get_json(document))
    accepted = {
        (each.break_id, each.fingerprint): each
        for each in decisions.closed
        if each.resolution in ACCEPTING
    }
    for row in rows:
        decision = accepted.get((row["break_id"], row["fingerprint"]))
        if decision is not None:
            row["status"] = "ACCEPTED"
            row["resolution"] = f"desk:{decision.resolution}"


class _Classifier:
    """Turns raw breaks into rows of the report."""

    def __init__(
        self, request: ReconciliationRequest, history: History, rates: dict[str, Fraction]
    ) -> None:
        self._request = request
        self._rules = request.rules
        self._history = history
        self._ages = Ages(request.rules.calendar, request.date)
        self._taken: set[str] = set()
        self.rates = rates
        self.returned = 0

    def rows(self, found: pl.DataFrame, *, is_estimated: bool) -> Iterator[dict[str, Any]]:
        """One row per raw break, in the order of `found`."""
        for number, row in enumerate(found.iter_rows(named=True)):
            if number % _PER_BEAT == 0:
                beat(f"classified {number} breaks")
            yield self._row(RawBreak(self._rules, row)) | {"is_estimated": is_estimated}

    def _row(self, found: RawBreak) -> dict[str, Any]:
        day, rules = self._request.date, self._rules
        amount = worth(found, self.rates)
        kind = classify_break(found, amount, day)
        fingerprint = _fingerprint(found)
        life = self._history.life_of(found.items, fingerprint, day, self._taken)
        self._taken.add(life.break_id)
        self.returned += life.has_returned
        age = self._ages.since(life.first_seen)
        ours, theirs = (found.measure(suffix) for suffix in SUFFIXES[:2])
        field = next(iter(found.differs), "")
        shown = [_text(found.value(field or rules.measure or "", suffix)) for suffix in SUFFIXES]
        apart, larger = found.share
        by_share = found.is_alone and rules.rank_missing_by == "amount"
        return {
            "break_id": life.break_id,
            **{f"{s}_item": item for s, item in zip(SUFFIXES, found.items, strict=True)},
            "key": found.row["key"],
            "sides": found.row["sides"],
            "break_class": kind.break_class,
            "category": kind.category,
            "level": kind.level,
            "position_type": position_type(found),
            "priority": priority_of(
                rules.priorities,
                variance=apart,
                larger=None if by_share else larger,
                amount=amount,
            ),
            "is_material": amount is None or abs(amount) > rules.material_above,
            "status": "DETECTED",
            "resolution": "",
            "field": field,
            "differs": ",".join(found.differs),
            "account": found.first("account", "class_id"),
            "instrument": found.instrument,
            "currency": found.first("currency"),
            "description": found.description,
            "item_date": found.item_date,
            "settle_date": found.settle_date,
            "ours": shown[0],
            "theirs": shown[1],
            "third": shown[2],
            "agreement": found.row["outcome"],
            "ours_measure": ours,
            "theirs_measure": theirs,
            "variance": found.variance,
            "relative": _share(apart, larger),
            "variance_base": amount,
            "bp_of_nav": _basis_points(amount, self._request.nav),
            "ours_items": int(found.items[0] is not None),
            "theirs_items": int(found.items[1] is not None),
            "candidates": found.row["candidates"],
            "outcome": life.outcome,
            "first_seen": life.first_seen,
            "last_seen": day,
            "age": age,
            "bucket": bucket_of(age, rules.ageing),
            "lives": life.lives,
            "earlier_life": life.earlier_life,
            "owner": kind.owner if life.owner is None else life.owner,
            "reason": "",
            "fingerprint": fingerprint,
        }


def _fingerprint(found: RawBreak) -> str:
    """Of the compared values of all sides."""
    values = [
        str(found.value(each.field, suffix)) for each in found.rules.compare for suffix in SUFFIXES
    ]
    return hashlib.md5("\x1f".join(values).encode(), usedforsecurity=False).hexdigest()


def _share(variance: Decimal, larger: Decimal) -> Decimal | None:
    if not larger:
        return None
    return divide(abs(variance), larger, places=_RELATIVE_PLACES, mode=RoundingMode.HALF_EVEN)


def _basis_points(amount: Decimal | None, nav: Decimal | None) -> Decimal | None:
    if amount is None or nav is None:
        return None
    return divide(
        multiply(abs(amount), 10_000), nav, places=_BP_PLACES, mode=RoundingMode.HALF_EVEN
    )


def _closed(row: dict[str, Any], day: date) -> dict[str, Any]:
    return row | {
        "outcome": "Resolved",
        "status": "RESOLVED",
        "reason": _GONE,
        "last_seen": row["last_seen"],
    }


def _roll(
    rows: Sequence[dict[str, Any]],
    gone: Sequence[dict[str, Any]],
    history: History,
    prior_date: date | None,
    returned: int,
) -> RollForward:
    counts = {"New": 0, "Confirmed": 0, "Changed": 0}
    for row in rows:
        counts[row["outcome"]] += 1
    return RollForward(
        prior_date=prior_date,
        opening=history.opening,
        new=counts["New"],
        confirmed=counts["Confirmed"],
        changed=counts["Changed"],
        resolved=len(gone),
        closing=history.opening + counts["New"] - len(gone),
        returned=returned,
    )


def _write_offs(
    request: ClassifyRequest, store: ArtifactStore, rates: dict[str, Fraction]
) -> Iterator[AutoResolved]:
    """What each pass let through within its tolerance."""
    rules = request.request.rules
    table = store.get_table(request.matched.write_offs)
    for (name,), part in sorted(table.group_by("pass"), key=lambda each: str(each[0])):
        sums = (
            part.with_columns(apart=pl.col("ours_value") - pl.col("theirs_value"))
            .group_by("currency")
            .agg(pl.col("apart").abs().sum())
        )
        amounts = [
            in_base(amount, currency, rates, rules.base_currency)
            for currency, amount in sums.iter_rows()
        ]
        whole = rounded(sum((each for each in amounts if each is not None), Fraction(0)))
        yield AutoResolved(
            rule=str(name),
            action="write-off",
            owner=rules.owner,
            expires=None,
            count=part.height,
            amount=whole or Decimal(0),
        )


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, Decimal):
        return str(value)
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
