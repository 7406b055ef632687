"""Step 5: the report's facts: counted, aged, ranked."""

from collections.abc import Iterable
from decimal import Decimal
from typing import get_args

import polars as pl

from tenuto import __version__
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.money import RoundingMode, divide, multiply, total
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.activities.history import REPORT, read_report
from tenuto.packs.finance.reconciliation.handoffs import ReportedRec, ReportRequest
from tenuto.packs.finance.reconciliation.math.ranks import bucket_names
from tenuto.packs.finance.reconciliation.models import (
    AgeCount,
    BreakLine,
    ClassCount,
    Priority,
    PriorityCount,
    RecReport,
    RootCause,
)

_BIGGEST = 20
_CAUSES = 50
_IDS = 100
_SHARED_CAUSES = ("corporate-action", "price", "quantity", "currency", "fx", "identifier")
"""Classes in which several breaks of one instrument probably have one reason."""


@implements(catalog.report)
def report(request: ReportRequest) -> ReportedRec:
    """The report of one run. The same inputs give the same bytes."""
    store = current_store()
    asked, matched, classified = request.request, request.matched, request.classified
    rules = asked.rules
    breaks = store.get_table(classified.breaks)
    still_open = breaks.filter(pl.col("status") == "DETECTED")
    amount = _sum(still_open)
    bp = (
        divide(multiply(amount, 10_000), asked.nav, places=4, mode=RoundingMode.HALF_EVEN)
        if asked.nav
        else None
    )
    prior = request.collected.prior
    made = RecReport(
        run_id=request.collected.run_id,
        rec_id=rules.rec_id,
        name=rules.name,
        kind=rules.kind,
        date=asked.date,
        base_currency=rules.base_currency,
        measure=rules.measure or "",
        prior=read_report(store, prior).run_id if prior else None,
        inputs=request.collected.inputs,
        code_version=__version__,
        is_estimated=any(side.is_estimated for side in request.collected.sides),
        sides=matched.totals,
        passes=matched.passes,
        classes=tuple(_by_class(still_open)),
        priorities=tuple(_by_priority(still_open)),
        ages=tuple(_by_age(still_open, bucket_names(rules.ageing))),
        open_breaks=still_open.height,
        open_amount=amount,
        open_bp=bp,
        oldest_age=int(str(still_open["age"].max() or 0)),
        unconverted=still_open["variance_base"].null_count(),
        biggest=tuple(biggest(still_open, _BIGGEST)),
        auto_resolved=classified.auto_resolved,
        roll=classified.roll,
        proofs=request.proven.proofs,
        agreement=matched.agreement,
        drill_down=matched.drill_down,
        root_causes=tuple(_root_causes(still_open)),
        not_compared=matched.not_compared,
        problems=matched.exceptions.rows,
        matches=matched.matches,
        write_offs=matched.write_offs,
        breaks=classified.breaks,
        closed=classified.closed,
        ended=classified.ended,
        suggestions=matched.suggestions,
        exceptions=matched.exceptions,
        items=matched.items,
    )
    return ReportedRec(report=made, document=store.put_json(made, name=REPORT))


def biggest(breaks: pl.DataFrame, count: int) -> Iterable[BreakLine]:
    """The breaks that are worth most, those of unknown worth first."""
    magnitude = pl.col("variance_base").abs()
    top = breaks.sort(
        magnitude, "break_id", descending=[True, False], nulls_last=False, maintain_order=True
    ).head(count)
    names = list(BreakLine.model_fields)
    return (BreakLine.model_validate(row) for row in top.select(names).iter_rows(named=True))


def _by_class(breaks: pl.DataFrame) -> Iterable[ClassCount]:
    for (name, category), part in _parts(breaks, "break_class", "category"):
        yield ClassCount.model_validate(
            {"break_class": name, "category": category, "count": part.height, "amount": _sum(part)}
        )


def _by_priority(breaks: pl.DataFrame) -> Iterable[PriorityCount]:
    for name in get_args(Priority):
        part = breaks.filter(pl.col("priority") == name)
        yield PriorityCount(priority=name, count=part.height, amount=_sum(part))


def _by_age(breaks: pl.DataFrame, buckets: Iterable[str]) -> Iterable[AgeCount]:
    for name in buckets:
        part = breaks.filter(pl.col("bucket") == name)
        yield AgeCount(bucket=name, count=part.height, amount=_sum(part))


def _root_causes(breaks: pl.DataFrame) -> list[RootCause]:
    """Groups of at least two breaks of one class and one instrument, the largest first."""
    shared = breaks.filter(
        pl.col("break_class").is_in(_SHARED_CAUSES) & pl.col("instrument").is_not_null()
    )
    causes = [
        RootCause(
            cause=f"{name} {instrument}",
            break_ids=tuple(part["break_id"].sort().head(_IDS)),
            count=part.height,
            amount=_sum(part),
        )
        for (name, instrument), part in _parts(shared, "break_class", "instrument")
        if part.height > 1
    ]
    return sorted(causes, key=lambda each: (-each.amount, each.cause))[:_CAUSES]


def _parts(breaks: pl.DataFrame, *columns: str) -> list[tuple[tuple[object, ...], pl.DataFrame]]:
    return sorted(breaks.group_by(columns), key=lambda each: str(each[0]))


def _sum(breaks: pl.DataFrame) -> Decimal:
    """Sum of the magnitudes in base currency, of those that could be converted."""
    return total(abs(each) for each in breaks["variance_base"].drop_nulls())
