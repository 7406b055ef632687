"""What a desk answers when it is asked: which breaks there are, and how it stands."""

from collections import Counter
from datetime import datetime

from tenuto.packs.finance.reconciliation.book import BreakBook
from tenuto.packs.finance.reconciliation.case_changes import is_open
from tenuto.packs.finance.reconciliation.cases import BreakCase, DeskSummary, Find, Found
from tenuto.packs.finance.reconciliation.handoffs import ClosedByPeople, DeskDecisions

_PRIORITIES = ("critical", "high", "medium", "low")


def importance(case: BreakCase) -> tuple[int, bool, object, str]:
    """Sorts breaks by priority, then unknown amounts, then large ones first."""
    amount = case.variance_base
    rank = _PRIORITIES.index(case.priority)
    return (rank, amount is not None, -abs(amount) if amount is not None else 0, case.break_id)


def found(book: BreakBook, wanted: Find) -> Found:
    """The page of breaks that `wanted` asks for, most important first."""
    cases = [case for case in book.cases.values() if _fits(book, case, wanted)]
    cases.sort(key=importance)
    page = cases[wanted.offset : wanted.offset + wanted.limit]
    return Found(
        total=len(cases), cases=tuple(each.model_copy(update={"story": ()}) for each in page)
    )


def decisions(book: BreakBook) -> DeskDecisions:
    """What people decided and runs must heed."""
    closed = [each for each in book.cases.values() if not is_open(each)]
    return DeskDecisions(
        manual_matches=tuple(
            each for each in book.manual if all(not is_open(book.cases[i]) for i in each.break_ids)
        ),
        closed=tuple(
            ClosedByPeople(
                break_id=case.break_id,
                fingerprint=case.fingerprint,
                status="ACCEPTED" if case.status == "ACCEPTED" else "RESOLVED",
                resolution=case.resolution.kind,
                items=case.items,
            )
            for case in closed
            if case.resolution is not None
        ),
    )


def summary(book: BreakBook, *, next_notice: datetime | None, undelivered: int) -> DeskSummary:
    """How the desk stands."""
    cases = book.open()
    return DeskSummary(
        rec_id=book.rules.rec_id,
        open=len(cases),
        awaiting_check=sum(case.resolution is not None for case in cases),
        by_priority=dict(Counter(case.priority for case in cases)),
        by_owner=dict(Counter(case.owner for case in cases)),
        by_status=dict(Counter(case.status for case in cases)),
        last_run=book.runs[-1] if book.runs else None,
        last_date=book.last_date,
        next_notice=next_notice,
        undelivered=undelivered,
        beyond=book.beyond,
    )


def _fits(book: BreakBook, case: BreakCase, wanted: Find) -> bool:
    last = book.last_date or case.last_seen
    return (
        (wanted.include_closed or wanted.status is not None or is_open(case))
        and wanted.owner in (None, case.owner)
        and wanted.priority in (None, case.priority)
        and wanted.status in (None, case.status)
        and (last - case.first_seen).days >= wanted.min_age_days
    )
