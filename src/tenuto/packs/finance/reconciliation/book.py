"""The breaks of a desk: what runs found, what people said about them, and what stays open.

No clock in here: whoever calls says what time it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from tenuto.core.money import total
from tenuto.packs.finance.reconciliation import case_changes, refusals
from tenuto.packs.finance.reconciliation.cases import (
    Accept,
    Assign,
    AttachEvidence,
    BreakCase,
    DeskRequest,
    DeskState,
    ManualMatch,
    MatchByHand,
    Mute,
    Notice,
    Remark,
    Reopen,
    Resolve,
    TakeBreaks,
)
from tenuto.packs.finance.reconciliation.closing import Proposal, is_still
from tenuto.packs.finance.reconciliation.rules import RecRules

MOST_LINES = 200
"""Lines of one break's story."""

_RUNS_KNOWN = 50


@dataclass
class BreakBook:
    """The breaks of one reconciliation, the closed ones for a while too."""

    rules: RecRules
    cases: dict[str, BreakCase]
    manual: tuple[ManualMatch, ...] = ()
    runs: tuple[str, ...] = ()
    """The last runs taken, the latest last."""
    last_date: date | None = None
    beyond: int = 0
    """Open breaks of the last run that found no room."""

    @classmethod
    def of(cls, request: DeskRequest) -> "BreakBook":
        """The book as the desk's former history left it."""
        state = request.state
        return cls(
            rules=request.rules,
            cases={case.break_id: case for case in state.cases},
            manual=state.manual_matches,
            runs=state.runs,
            last_date=state.last_date,
            beyond=state.beyond,
        )

    def state(self, undelivered: tuple[Notice, ...]) -> DeskState:
        """All of it, for the desk's next history."""
        return DeskState(
            cases=tuple(self.cases.values()),
            manual_matches=self.manual,
            undelivered=undelivered,
            runs=self.runs,
            last_date=self.last_date,
            beyond=self.beyond,
        )

    def open(self) -> list[BreakCase]:
        """The breaks that somebody still has to do something about."""
        return [case for case in self.cases.values() if case_changes.is_open(case)]

    # What runs say

    def is_stale(self, take: TakeBreaks) -> bool:
        """Whether a run of a later date was taken already."""
        return self.last_date is not None and take.date < self.last_date

    def take(self, take: TakeBreaks, at: datetime) -> int:
        """Merges a run's breaks; how many it closed. The same run again changes nothing."""
        if take.run_id in self.runs:
            return 0
        for found in take.cases:
            known = self.cases.get(found.break_id)
            self.cases[found.break_id] = case_changes.found_again(known, found, take.run_id, at)
        closed = 0
        for each in take.closed:
            known = self.cases.get(each.break_id)
            if known is not None and case_changes.is_open(known):
                closed += 1
                self.cases[each.break_id] = case_changes.gone(known, at, take.run_id, each.reason)
        self.rules, self.last_date, self.beyond = take.rules, take.date, take.beyond
        self.runs = (*self.runs, take.run_id)[-_RUNS_KNOWN:]
        return closed

    # What people say

    def assign(self, change: Assign, at: datetime) -> None:
        """Gives breaks an owner."""
        for case in self._named(change.break_ids):
            owned = case.model_copy(update={"owner": change.owner})
            self._keep(owned, at, change.by, f"assigned to {change.owner}")

    def remark(self, change: Remark, at: datetime) -> None:
        """Adds a comment, and how far the analysis is."""
        case = self.cases[change.break_id]
        if change.status is not None:
            case = case.model_copy(update={"status": change.status})
        self._keep(case, at, change.by, change.text)

    def attach(self, change: AttachEvidence, at: datetime) -> None:
        """Adds evidence."""
        case = self.cases[change.break_id]
        grown = case.model_copy(update={"evidence": (*case.evidence, change.evidence)})
        what = f"evidence: {change.evidence.name or change.evidence.uri}"
        self._keep(grown, at, change.by, what)

    def resolve(self, change: Resolve, at: datetime) -> None:
        """Closes breaks, or proposes to where a second person is needed."""
        limit = self.rules.sla.four_eyes_above
        for case in self._named(change.break_ids):
            self.cases[case.break_id] = case_changes.proposed(
                case,
                change.kind,
                change.reason,
                change.by,
                at,
                needs_check=refusals.needs_second_person(case.variance_base, limit),
            )

    def accept(self, change: Accept, at: datetime) -> None:
        """The second person's yes, said to the desk; for all breaks of a manual match."""
        for break_id in self._together(change.break_id):
            case = self.cases[break_id]
            if case_changes.is_open(case) and case.resolution is not None:
                self.cases[break_id] = case_changes.accepted(case, change.by, at)

    def reopen(self, change: Reopen, at: datetime) -> None:
        """Takes back a resolution; a manual match is dissolved for all of its breaks."""
        for break_id in self._together(change.break_id):
            self.cases[break_id] = case_changes.reopened(
                self.cases[break_id], change.reason, change.by, at
            )
        self.manual = tuple(each for each in self.manual if change.break_id not in each.break_ids)

    def match_by_hand(self, change: MatchByHand, at: datetime) -> None:
        """Puts breaks together: they are closed as one, and later runs match their items."""
        cases = self._named(change.break_ids)
        self.manual += (
            ManualMatch(
                break_ids=change.break_ids,
                items=tuple(sorted({item for case in cases for item in case.items})),
                reason=change.reason,
                by=change.by,
                at=at,
            ),
        )
        needs_check = self._net_needs_check(cases)
        for case in cases:
            self.cases[case.break_id] = case_changes.proposed(
                case, "MANUAL_OVERRIDE", change.reason, change.by, at, needs_check=needs_check
            )

    def mute(self, change: Mute, at: datetime) -> None:
        """Keeps a break silent until a date."""
        case = self.cases[change.break_id].model_copy(update={"muted_until": change.until})
        self._keep(case, at, change.by, f"muted until {change.until}: {change.reason}")

    # What may be said

    def known(self, break_id: str) -> BreakCase:
        """The case. Raises UsageError when the book has none of that id."""
        return refusals.known_case(self.cases, break_id)

    def refuse_changing(self, break_ids: Iterable[str]) -> None:
        """Raises UsageError unless all are known and open, with room in their stories."""
        for case in self._named(break_ids):
            refusals.refuse_closed(case)
            refusals.refuse_full_story(case, MOST_LINES)

    def refuse_telling(self, break_id: str) -> BreakCase:
        """The case. Raises UsageError unless it is known and has room in its story."""
        case = self.known(break_id)
        refusals.refuse_full_story(case, MOST_LINES)
        return case

    # What the second person says

    def still_waits(self, proposal: Proposal) -> bool:
        """Whether it is proposed still, about the same values and the same breaks."""
        return all(is_still(self.cases.get(case.break_id), case) for case in proposal.cases)

    def approve(self, proposal: Proposal, people: str, at: datetime, *, task_id: str) -> None:
        """Closes the breaks as `people` agreed to."""
        for break_id in proposal.break_ids:
            self.cases[break_id] = case_changes.accepted(
                self.cases[break_id], people, at, how=f" (task {task_id})"
            )

    def decline(self, proposal: Proposal, reason: str, by: str, at: datetime) -> None:
        """Leaves the breaks open with the reason why, and dissolves what was put together."""
        for break_id in proposal.break_ids:
            self.cases[break_id] = case_changes.declined(self.cases[break_id], reason, by, at)
        self.manual = tuple(
            each for each in self.manual if not set(each.break_ids) & set(proposal.break_ids)
        )

    # What is moved out

    def closed_before(self, limit: datetime) -> tuple[BreakCase, ...]:
        """The breaks closed before `limit` that no manual match keeps together."""
        kept_together = {i for each in self.manual for i in each.break_ids}
        return tuple(
            case
            for case in self.cases.values()
            if case.closed_at is not None
            and case.closed_at < limit
            and case.break_id not in kept_together
        )

    def forget(self, archived: Iterable[BreakCase]) -> None:
        """Drops the breaks that are still as they were archived."""
        for case in archived:
            if self.cases.get(case.break_id) == case:
                del self.cases[case.break_id]

    def _named(self, break_ids: Iterable[str]) -> list[BreakCase]:
        return [self.known(each) for each in break_ids]

    def _together(self, break_id: str) -> tuple[str, ...]:
        """The break, and those that a manual match put with it."""
        match = next((each for each in self.manual if break_id in each.break_ids), None)
        return match.break_ids if match else (break_id,)

    def _net_needs_check(self, cases: list[BreakCase]) -> bool:
        known = [case.variance_base for case in cases if case.variance_base is not None]
        net = total(known) if len(known) == len(cases) else None
        return refusals.needs_second_person(net, self.rules.sla.four_eyes_above)

    def _keep(self, case: BreakCase, at: datetime, by: str, what: str) -> None:
        self.cases[case.break_id] = case_changes.told(case, at, by, what)
