"""The break desk of one reconciliation: open breaks, who works them, and when they grow too old."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.core.errors import DataError
from tenuto.core.money import total
from tenuto.identity.current import current_ticket
from tenuto.packs.finance.asking import ask
from tenuto.packs.finance.reconciliation import case_changes, catalog, closing, refusals
from tenuto.packs.finance.reconciliation.cases import (
    Accept,
    Assign,
    AttachEvidence,
    BreakCase,
    CloseDesk,
    DeskRequest,
    DeskResult,
    DeskState,
    DeskSummary,
    DueNotice,
    Find,
    Found,
    ManualMatch,
    MatchByHand,
    Mute,
    Notice,
    OpenCases,
    Remark,
    Reopen,
    Resolve,
    Step,
    TakeBreaks,
    TakenBreaks,
)
from tenuto.packs.finance.reconciliation.closing import Proposal
from tenuto.packs.finance.reconciliation.handoffs import (
    ArchiveRequest,
    ClosedByPeople,
    DeskDecisions,
)
from tenuto.packs.finance.reconciliation.rules import NoticeRecipient

CLOSED_STAY = timedelta(days=90)
"""How long a closed break can be reopened here before it is archived."""
MOST_LINES = 200
"""Lines of one break's story."""
RETRY_NOTICES = timedelta(hours=1)
"""When an undelivered notice is tried again."""

_PER_NOTICE = 500
_RUNS_KNOWN = 50
_PRIORITIES = ("critical", "high", "medium", "low")


@workflow.defn(name="BreakDesk")
class BreakDesk:
    """Holds open breaks, takes what runs find and what people decide, and speaks up in time."""

    @workflow.init
    def __init__(self, request: DeskRequest) -> None:
        self._rules = request.rules
        state = request.state
        self._cases = {case.break_id: case for case in state.cases}
        self._manual = state.manual_matches
        self._undelivered = state.undelivered
        self._runs = state.runs
        self._last_date = state.last_date
        self._beyond = state.beyond
        self._retry_at: datetime | None = None
        self._is_woken = False
        self._is_closing = False
        self._is_renewing = False
        self._is_signed = False
        self._asking: dict[str, asyncio.Task[None]] = {}
        """Proposal -> what waits for its task."""
        self._tasks: dict[str, str] = {}
        """Break -> id of the task that decides on it."""

    @workflow.run
    async def run(self, request: DeskRequest) -> DeskResult:
        """Serves until it is closed; what it knows lives on through continue-as-new."""
        # Desks from before there were tickets and tasks go on as they began, until they renew.
        self._is_signed = workflow.patched("signed-people")
        while not self._is_closing:
            self._is_woken = False
            self._ask_second_people()
            await self._speak_up()
            await self._archive()
            if self._is_renewing or workflow.info().is_continue_as_new_suggested():
                self._is_renewing = True
                await workflow.wait_condition(self._is_at_rest)
                workflow.continue_as_new(DeskRequest(rules=self._rules, state=self._state()))
            await self._sleep()
        await workflow.wait_condition(self._is_at_rest)
        return DeskResult(state=self._state())

    # What runs say

    @workflow.update
    def take(self, take: TakeBreaks) -> TakenBreaks:
        """Merges a run's breaks. The same run again changes nothing; an older date neither."""
        is_stale = self._last_date is not None and take.date < self._last_date
        closed = 0
        if not is_stale and take.run_id not in self._runs:
            now = workflow.now()
            for found in take.cases:
                known = self._cases.get(found.break_id)
                self._cases[found.break_id] = case_changes.found_again(
                    known, found, take.run_id, now
                )
            for each in take.closed:
                known = self._cases.get(each.break_id)
                if known is not None and case_changes.is_open(known):
                    closed += 1
                    self._cases[each.break_id] = case_changes.gone(
                        known, now, take.run_id, each.reason
                    )
            self._rules, self._last_date, self._beyond = take.rules, take.date, take.beyond
            self._runs = (*self._runs, take.run_id)[-_RUNS_KNOWN:]
        self._wake()
        return TakenBreaks(
            open=len(self._open()), closed=closed, beyond=self._beyond, is_stale=is_stale
        )

    @workflow.query
    def held(self) -> tuple[str, ...]:
        """Ids of the open breaks, for a run that asks which of them are gone."""
        return tuple(sorted(case.break_id for case in self._open()))

    @workflow.query
    def decisions(self) -> DeskDecisions:
        """What people decided and runs must heed."""
        closed = [each for each in self._cases.values() if not case_changes.is_open(each)]
        return DeskDecisions(
            manual_matches=tuple(
                each
                for each in self._manual
                if all(not case_changes.is_open(self._cases[i]) for i in each.break_ids)
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

    # What people say

    @workflow.update
    def assign(self, change: Assign) -> OpenCases:
        """Gives breaks an owner."""
        for case in self._named(change.break_ids):
            owned = case.model_copy(update={"owner": change.owner})
            self._keep(owned, change.by, f"assigned to {change.owner}")
        return self._changed(len(change.break_ids))

    @assign.validator
    def _may_assign(self, change: Assign) -> None:
        self._refuse_unsigned()
        for case in self._named(change.break_ids):
            refusals.refuse_closed(case)
            refusals.refuse_full_story(case, MOST_LINES)

    @workflow.update
    def remark(self, change: Remark) -> OpenCases:
        """Adds a comment, and how far the analysis is."""
        case = self._cases[change.break_id]
        if change.status is not None:
            case = case.model_copy(update={"status": change.status})
        self._keep(case, change.by, change.text)
        return self._changed(1)

    @remark.validator
    def _may_remark(self, change: Remark) -> None:
        self._refuse_unsigned()
        case = refusals.known_case(self._cases, change.break_id)
        refusals.refuse_full_story(case, MOST_LINES)
        if change.status is not None:
            refusals.refuse_closed(case)

    @workflow.update
    def attach(self, change: AttachEvidence) -> OpenCases:
        """Adds evidence."""
        case = self._cases[change.break_id]
        grown = case.model_copy(update={"evidence": (*case.evidence, change.evidence)})
        self._keep(grown, change.by, f"evidence: {change.evidence.name or change.evidence.uri}")
        return self._changed(1)

    @attach.validator
    def _may_attach(self, change: AttachEvidence) -> None:
        self._refuse_unsigned()
        case = refusals.known_case(self._cases, change.break_id)
        refusals.refuse_full_story(case, MOST_LINES)

    @workflow.update
    def resolve(self, change: Resolve) -> OpenCases:
        """Closes breaks, or proposes to where a second person is needed."""
        limit = self._rules.sla.four_eyes_above
        for case in self._named(change.break_ids):
            self._cases[case.break_id] = case_changes.proposed(
                case,
                change.kind,
                change.reason,
                change.by,
                workflow.now(),
                needs_check=refusals.needs_second_person(case.variance_base, limit),
            )
        return self._changed(len(change.break_ids))

    @resolve.validator
    def _may_resolve(self, change: Resolve) -> None:
        self._refuse_unsigned()
        for case in self._named(change.break_ids):
            refusals.refuse_closed(case)
            refusals.refuse_full_story(case, MOST_LINES)

    @workflow.update
    def accept(self, change: Accept) -> OpenCases:
        """The second person's yes; a manual match is accepted for all of its breaks."""
        for break_id in self._together(change.break_id):
            case = self._cases[break_id]
            if case_changes.is_open(case) and case.resolution is not None:
                self._cases[break_id] = case_changes.accepted(case, change.by, workflow.now())
        return self._changed(1)

    @accept.validator
    def _may_accept(self, change: Accept) -> None:
        case = refusals.known_case(self._cases, change.break_id)
        if self._is_signed:
            refusals.refuse_in_favour_of_task(case, self._tasks.get(change.break_id))
        refusals.refuse_accepting(case, change.by)

    @workflow.update
    def reopen(self, change: Reopen) -> OpenCases:
        """Takes back a resolution; a manual match is dissolved for all of its breaks."""
        for break_id in self._together(change.break_id):
            case = self._cases[break_id]
            self._cases[break_id] = case_changes.reopened(
                case, change.reason, change.by, workflow.now()
            )
        self._manual = tuple(each for each in self._manual if change.break_id not in each.break_ids)
        return self._changed(1)

    @reopen.validator
    def _may_reopen(self, change: Reopen) -> None:
        self._refuse_unsigned()
        refusals.refuse_reopening(refusals.known_case(self._cases, change.break_id))

    @workflow.update
    def match_by_hand(self, change: MatchByHand) -> OpenCases:
        """Puts breaks together: they are closed as one, and later runs match their items."""
        cases, now = self._named(change.break_ids), workflow.now()
        self._manual += (
            ManualMatch(
                break_ids=change.break_ids,
                items=tuple(sorted({item for case in cases for item in case.items})),
                reason=change.reason,
                by=change.by,
                at=now,
            ),
        )
        needs_check = self._net_needs_check(cases)
        for case in cases:
            self._cases[case.break_id] = case_changes.proposed(
                case, "MANUAL_OVERRIDE", change.reason, change.by, now, needs_check=needs_check
            )
        return self._changed(len(cases))

    @match_by_hand.validator
    def _may_match(self, change: MatchByHand) -> None:
        self._refuse_unsigned()
        for case in self._named(change.break_ids):
            refusals.refuse_closed(case)
            refusals.refuse_full_story(case, MOST_LINES)

    @workflow.update
    def mute(self, change: Mute) -> OpenCases:
        """Keeps a break silent until a date."""
        case = self._cases[change.break_id].model_copy(update={"muted_until": change.until})
        self._keep(case, change.by, f"muted until {change.until}: {change.reason}")
        return self._changed(1)

    @mute.validator
    def _may_mute(self, change: Mute) -> None:
        self._refuse_unsigned()
        refusals.refuse_closed(refusals.known_case(self._cases, change.break_id))

    @workflow.update
    def close_desk(self, change: CloseDesk) -> OpenCases:
        """Ends the desk, for a reconciliation that is no longer run."""
        self._is_closing = True
        return self._changed(0)

    @close_desk.validator
    def _may_close(self, change: CloseDesk) -> None:
        self._refuse_unsigned()

    @workflow.update
    def renew(self) -> OpenCases:
        """Begins a new history now, for example after an upgrade of the desk's code."""
        self._is_renewing = True
        return self._changed(0)

    # What people ask

    @workflow.query
    def find(self, wanted: Find) -> Found:
        """Breaks by owner, priority, status, and age, most important first."""
        cases = [case for case in self._cases.values() if self._fits(case, wanted)]
        cases.sort(key=_importance)
        page = cases[wanted.offset : wanted.offset + wanted.limit]
        return Found(
            total=len(cases), cases=tuple(each.model_copy(update={"story": ()}) for each in page)
        )

    @workflow.query
    def ids(self, beginning: str) -> tuple[str, ...]:
        """The first ten ids that begin so."""
        return tuple(sorted(each for each in self._cases if each.startswith(beginning)))[:10]

    @workflow.query
    def tasks(self) -> dict[str, str]:
        """Open breaks whose resolution waits for a second person -> the task to decide."""
        waiting = {case.break_id for case in self._open() if case.resolution is not None}
        return {name: task for name, task in sorted(self._tasks.items()) if name in waiting}

    @workflow.query
    def story(self, break_id: str) -> BreakCase:
        """One break with all that happened to it."""
        return refusals.known_case(self._cases, break_id)

    @workflow.query
    def summary(self) -> DeskSummary:
        """How the desk stands."""
        cases = self._open()
        return DeskSummary(
            rec_id=self._rules.rec_id,
            open=len(cases),
            awaiting_check=sum(case.resolution is not None for case in cases),
            by_priority=dict(Counter(case.priority for case in cases)),
            by_owner=dict(Counter(case.owner for case in cases)),
            by_status=dict(Counter(case.status for case in cases)),
            last_run=self._runs[-1] if self._runs else None,
            last_date=self._last_date,
            next_notice=self._next_moment(),
            undelivered=len(self._undelivered),
            beyond=self._beyond,
        )

    # Asking a second person

    def _ask_second_people(self) -> None:
        """Opens a task for every proposal that has none."""
        if not self._is_signed or self._is_renewing:
            return
        for proposal in closing.proposals(self._open()):
            if proposal.name not in self._asking:
                self._asking[proposal.name] = asyncio.create_task(self._check(proposal))

    async def _check(self, proposal: Proposal) -> None:
        """Closes the breaks, or leaves them open with the reason why not.

        A proposal that was changed meanwhile, by a run or by people, is asked about anew; so is
        every one of them in the desk's next history, which tasks of this one do not outlive.
        """
        mine: list[str] = []

        def opened(task_id: str) -> None:
            mine.append(task_id)
            self._tasks |= dict.fromkeys(proposal.break_ids, task_id)

        try:
            outcome = await ask(
                closing.close_task(proposal, self._rules),
                name=proposal.name,
                opened=opened,
                is_moot=lambda: self._is_leaving() or not self._still_waits(proposal),
            )
            if outcome is not None and self._still_waits(proposal):
                self._settle(proposal, outcome)
        except DataError as failed:
            self._decline(proposal, str(failed), by="desk")
        finally:
            del self._asking[proposal.name]
            self._tasks = {name: task for name, task in self._tasks.items() if task not in mine}
            self._wake()

    def _settle(self, proposal: Proposal, outcome: TaskOutcome) -> None:
        by = outcome.by or "desk"
        if not outcome.is_approved:
            self._decline(proposal, outcome.comment, by=by)
            return
        people = ", ".join(vote.by for vote in outcome.votes if vote.decision == "approve")
        for break_id in proposal.break_ids:
            self._cases[break_id] = case_changes.accepted(
                self._cases[break_id], people, workflow.now(), how=f" (task {outcome.task_id})"
            )

    def _decline(self, proposal: Proposal, reason: str, *, by: str) -> None:
        for break_id in proposal.break_ids:
            self._cases[break_id] = case_changes.declined(
                self._cases[break_id], reason, by, workflow.now()
            )
        self._manual = tuple(
            each for each in self._manual if not set(each.break_ids) & set(proposal.break_ids)
        )

    def _still_waits(self, proposal: Proposal) -> bool:
        """Whether it is proposed still, about the same values and the same breaks."""
        return all(
            closing.is_still(self._cases.get(case.break_id), case) for case in proposal.cases
        )

    def _is_leaving(self) -> bool:
        return self._is_renewing or self._is_closing

    def _is_at_rest(self) -> bool:
        return workflow.all_handlers_finished() and not self._asking

    def _refuse_unsigned(self) -> None:
        """Whatever people say here, they say with a ticket."""
        if self._is_signed:
            current_ticket()

    # Speaking up

    async def _speak_up(self) -> None:
        """Sends every notice that is due; one that cannot be delivered is tried again later."""
        now = workflow.now()
        self._undelivered += tuple(self._due_notices(now))
        if not self._undelivered or (self._retry_at is not None and now < self._retry_at):
            return
        sent = await asyncio.gather(*(self._send(each) for each in self._undelivered))
        self._undelivered = tuple(
            notice for notice, is_sent in zip(self._undelivered, sent, strict=True) if not is_sent
        )
        self._retry_at = workflow.now() + RETRY_NOTICES if self._undelivered else None

    def _due_notices(self, now: datetime) -> Iterable[Notice]:
        by_step: dict[Step, list[DueNotice]] = {}
        for case in sorted(self._open(), key=_importance):
            next_step = case_changes.due(case)
            if next_step is None or next_step[1] > now:
                continue
            step, moment = next_step
            names = [each.name for each in self._recipients(step)]
            self._cases[case.break_id] = case_changes.stepped(case, step, now, names)
            by_step.setdefault(step, []).append(_notice_of(case, moment))
        for step, breaks in by_step.items():
            for recipient in self._recipients(step):
                for start in range(0, len(breaks), _PER_NOTICE):
                    part = tuple(breaks[start : start + _PER_NOTICE])
                    yield Notice(
                        rec_id=self._rules.rec_id,
                        step=step,
                        recipient=recipient,
                        breaks=part,
                        idempotency_key=_key(self._rules.rec_id, step, recipient.name, part),
                    )

    def _recipients(self, step: Step) -> list[NoticeRecipient]:
        role = "manager" if step == "notify" else "escalation"
        return [each for each in self._rules.notices if each.role == role]

    async def _send(self, notice: Notice) -> bool:
        try:
            await catalog.send_notice(notice, summary=f"{notice.step} {notice.recipient.name}")
        except ActivityError as failed:
            if is_cancelled_exception(failed):
                raise
            workflow.logger.warning("notice to %s failed", notice.recipient.name)
            return False
        return True

    async def _archive(self) -> None:
        """Moves breaks that were closed long ago into the artifact store, stories and all."""
        limit = workflow.now() - CLOSED_STAY
        kept_together = {i for each in self._manual for i in each.break_ids}
        old = tuple(
            case
            for case in self._cases.values()
            if case.closed_at is not None
            and case.closed_at < limit
            and case.break_id not in kept_together
        )
        if old:
            await catalog.archive_cases(ArchiveRequest(rec_id=self._rules.rec_id, cases=old))
            for case in old:
                if self._cases.get(case.break_id) == case:
                    del self._cases[case.break_id]

    async def _sleep(self) -> None:
        """Until the next notice, the next change, or the time for a new history."""
        moment = self._next_moment()
        patience = None if moment is None else max(moment - workflow.now(), timedelta(seconds=1))
        try:
            await workflow.wait_condition(
                lambda: self._is_woken or self._is_closing, timeout=patience
            )
        except TimeoutError:
            return

    def _next_moment(self) -> datetime | None:
        steps = [case_changes.due(case) for case in self._open()]
        moments = [step[1] for step in steps if step is not None]
        if self._retry_at is not None:
            moments.append(self._retry_at)
        return min(moments, default=None)

    # Small things

    def _named(self, break_ids: Iterable[str]) -> list[BreakCase]:
        return [refusals.known_case(self._cases, each) for each in break_ids]

    def _together(self, break_id: str) -> tuple[str, ...]:
        """The break, and those that a manual match put with it."""
        match = next((each for each in self._manual if break_id in each.break_ids), None)
        return match.break_ids if match else (break_id,)

    def _net_needs_check(self, cases: list[BreakCase]) -> bool:
        known = [case.variance_base for case in cases if case.variance_base is not None]
        net = total(known) if len(known) == len(cases) else None
        return refusals.needs_second_person(net, self._rules.sla.four_eyes_above)

    def _open(self) -> list[BreakCase]:
        return [case for case in self._cases.values() if case_changes.is_open(case)]

    def _keep(self, case: BreakCase, by: str, what: str) -> None:
        self._cases[case.break_id] = case_changes.told(case, workflow.now(), by, what)

    def _changed(self, touched: int) -> OpenCases:
        self._wake()
        return OpenCases(touched=touched, open=len(self._open()))

    def _wake(self) -> None:
        self._is_woken = True

    def _fits(self, case: BreakCase, wanted: Find) -> bool:
        last = self._last_date or case.last_seen
        return (
            (wanted.include_closed or wanted.status is not None or case_changes.is_open(case))
            and wanted.owner in (None, case.owner)
            and wanted.priority in (None, case.priority)
            and wanted.status in (None, case.status)
            and (last - case.first_seen).days >= wanted.min_age_days
        )

    def _state(self) -> DeskState:
        return DeskState(
            cases=tuple(self._cases.values()),
            manual_matches=self._manual,
            undelivered=self._undelivered,
            runs=self._runs,
            last_date=self._last_date,
            beyond=self._beyond,
        )


def _importance(case: BreakCase) -> tuple[int, bool, object, str]:
    amount = case.variance_base
    rank = _PRIORITIES.index(case.priority)
    return (rank, amount is not None, -abs(amount) if amount is not None else 0, case.break_id)


def _notice_of(case: BreakCase, moment: datetime) -> DueNotice:
    return DueNotice(
        break_id=case.break_id,
        key=case.key,
        break_class=case.break_class,
        priority=case.priority,
        owner=case.owner,
        variance_base=case.variance_base,
        first_seen=case.first_seen,
        due=moment,
    )


def _key(rec_id: str, step: Step, recipient: str, breaks: tuple[DueNotice, ...]) -> str:
    ids = " ".join(f"{each.break_id}@{each.first_seen}" for each in breaks)
    digest = hashlib.sha256(ids.encode()).hexdigest()[:32]
    return f"breaks/{rec_id}/{step}/{recipient}/{digest}"
