"""Closing breaks that need a second person: who is asked, about exactly what.

Pure: the desk keeps the breaks, and the moment comes from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tenuto.catalog.library.tasks.request import Amount, TaskRequest
from tenuto.core.canonical import canonical_sha256
from tenuto.core.money import total
from tenuto.core.people import person
from tenuto.core.references import Sha256
from tenuto.packs.finance.reconciliation.case_changes import is_open
from tenuto.packs.finance.reconciliation.cases import BreakCase, ProposedResolution
from tenuto.packs.finance.reconciliation.rules import RecRules

CLOSE = "break.close"
"""Kind of the task that asks whether breaks may be closed."""

_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One person's resolution of one or several breaks that waits for a second person."""

    resolution: ProposedResolution
    cases: tuple[BreakCase, ...]
    """Sorted by id."""

    @property
    def break_ids(self) -> tuple[str, ...]:
        """What it would close."""
        return tuple(case.break_id for case in self.cases)

    @property
    def seen(self) -> Sha256:
        """Names exactly this proposal about exactly these values."""
        told = self.resolution
        facts = [(case.break_id, case.fingerprint, case.ours, case.theirs) for case in self.cases]
        words = [told.kind, told.reason, told.by, told.at.isoformat()]
        return canonical_sha256([words, facts])

    @property
    def name(self) -> str:
        """The same for the same proposal, also in the desk's next history."""
        return f"close-{self.seen[:16]}"


def proposals(cases: Iterable[BreakCase]) -> list[Proposal]:
    """What waits for a second person, as it was proposed: together stays together."""
    waiting: dict[tuple[object, ...], list[BreakCase]] = {}
    for case in cases:
        told = case.resolution
        if told is not None and told.checker is None and is_open(case):
            waiting.setdefault((told.by, told.at, told.kind, told.reason), []).append(case)
    return [_proposal(each) for each in waiting.values()]


def is_still(case: BreakCase | None, proposed: BreakCase) -> bool:
    """Whether a case waits for a second person as it did when it was `proposed`."""
    facts = ("resolution", "fingerprint", "ours", "theirs")
    return (
        case is not None
        and is_open(case)
        and all(getattr(case, name) == getattr(proposed, name) for name in facts)
    )


def close_task(proposal: Proposal, rules: RecRules) -> TaskRequest:
    """Asks whether the breaks of `proposal` may be closed; its maker cannot decide."""
    told, cases = proposal.resolution, proposal.cases
    amount = _amount(cases)
    many = f"{len(cases)} breaks" if len(cases) > 1 else f"break {cases[0].key}"
    limit = rules.sla.two_checkers_above
    is_large = limit is not None and (amount is None or amount > limit)
    return TaskRequest(
        title=f"Close {many} of {rules.rec_id} as {told.kind}?"[:200],
        description=f"{told.by}: {told.reason}",
        kind=CLOSE,
        subject=rules.rec_id,
        shown={
            "resolution": told.kind,
            "reason": told.reason,
            "count": len(cases),
            "breaks": [
                {
                    "break_id": case.break_id,
                    "key": case.key[:200],
                    "class": case.break_class,
                    "field": case.field,
                    "ours": case.ours[:200],
                    "theirs": case.theirs[:200],
                    "variance": None if case.variance_base is None else str(case.variance_base),
                    "first_seen": case.first_seen.isoformat(),
                }
                for case in cases[:_SHOWN]
            ],
        },
        seen=proposal.seen,
        amount=None if amount is None else Amount(value=amount, currency=rules.base_currency),
        requester=person(told.by),
        watchers=(person(told.by),),
        candidates=rules.sla.checkers,
        need=2 if is_large else 1,
    )


def _proposal(cases: list[BreakCase]) -> Proposal:
    resolution = cases[0].resolution
    assert resolution is not None  # noqa: S101 (only such cases come here)
    ordered = tuple(sorted(cases, key=lambda case: case.break_id))
    return Proposal(resolution=resolution, cases=ordered)


def _amount(cases: Iterable[BreakCase]) -> Decimal | None:
    """All differences by their size, base currency; None where one could not be converted."""
    known = [case.variance_base for case in cases]
    if any(each is None for each in known):
        return None
    return total(abs(each) for each in known if each is not None)
