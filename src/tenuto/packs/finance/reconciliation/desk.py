"""The break desk of one reconciliation: open breaks, who works them, and when they grow too old."""

from datetime import timedelta

from temporalio import workflow

from tenuto.identity.current import current_ticket
from tenuto.packs.finance.reconciliation import catalog, listing, refusals
from tenuto.packs.finance.reconciliation.ageing import AgeingNotices
from tenuto.packs.finance.reconciliation.book import BreakBook
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
    Find,
    Found,
    MatchByHand,
    Mute,
    OpenCases,
    Remark,
    Reopen,
    Resolve,
    TakeBreaks,
    TakenBreaks,
)
from tenuto.packs.finance.reconciliation.handoffs import ArchiveRequest, DeskDecisions
from tenuto.packs.finance.reconciliation.second_people import SecondPeople

CLOSED_STAY = timedelta(days=90)
"""How long a closed break can be reopened here before it is archived."""


@workflow.defn(name="BreakDesk")
class BreakDesk:
    """Holds open breaks, takes what runs find and what people decide, and speaks up in time."""

    @workflow.init
    def __init__(self, request: DeskRequest) -> None:
        self._book = BreakBook.of(request)
        self._notices = AgeingNotices(self._book, request.state.undelivered)
        self._second_people = SecondPeople(
            self._book, is_leaving=self._is_leaving, changed=self._wake
        )
        self._is_woken = False
        self._is_closing = False
        self._is_renewing = False
        self._is_signed = False

    @workflow.run
    async def run(self, request: DeskRequest) -> DeskResult:
        """Serves until it is closed; what it knows lives on through continue-as-new."""
        # Desks from before there were tickets and tasks go on as they began, until they renew.
        self._is_signed = workflow.patched("signed-people")
        while not self._is_closing:
            self._is_woken = False
            if self._is_signed and not self._is_renewing:
                self._second_people.ask()
            await self._notices.speak_up()
            await self._archive()
            if self._is_renewing or workflow.info().is_continue_as_new_suggested():
                self._is_renewing = True
                await workflow.wait_condition(self._is_at_rest)
                workflow.continue_as_new(DeskRequest(rules=self._book.rules, state=self._state()))
            await self._sleep()
        await workflow.wait_condition(self._is_at_rest)
        return DeskResult(state=self._state())

    # What runs say and ask

    @workflow.update
    def take(self, take: TakeBreaks) -> TakenBreaks:
        """Merges a run's breaks. The same run again changes nothing; an older date neither."""
        is_stale = self._book.is_stale(take)
        closed = 0 if is_stale else self._book.take(take, workflow.now())
        self._wake()
        return TakenBreaks(
            open=len(self._book.open()), closed=closed, beyond=self._book.beyond, is_stale=is_stale
        )

    @workflow.query
    def held(self) -> tuple[str, ...]:
        """Ids of the open breaks, for a run that asks which of them are gone."""
        return tuple(sorted(case.break_id for case in self._book.open()))

    @workflow.query
    def decisions(self) -> DeskDecisions:
        """What people decided and runs must heed."""
        return listing.decisions(self._book)

    # What people say

    @workflow.update
    def assign(self, change: Assign) -> OpenCases:
        """Gives breaks an owner."""
        self._book.assign(change, workflow.now())
        return self._changed(len(change.break_ids))

    @assign.validator
    def _may_assign(self, change: Assign) -> None:
        self._refuse_unsigned()
        self._book.refuse_changing(change.break_ids)

    @workflow.update
    def remark(self, change: Remark) -> OpenCases:
        """Adds a comment, and how far the analysis is."""
        self._book.remark(change, workflow.now())
        return self._changed(1)

    @remark.validator
    def _may_remark(self, change: Remark) -> None:
        self._refuse_unsigned()
        case = self._book.refuse_telling(change.break_id)
        if change.status is not None:
            refusals.refuse_closed(case)

    @workflow.update
    def attach(self, change: AttachEvidence) -> OpenCases:
        """Adds evidence."""
        self._book.attach(change, workflow.now())
        return self._changed(1)

    @attach.validator
    def _may_attach(self, change: AttachEvidence) -> None:
        self._refuse_unsigned()
        self._book.refuse_telling(change.break_id)

    @workflow.update
    def resolve(self, change: Resolve) -> OpenCases:
        """Closes breaks, or proposes to where a second person is needed."""
        self._book.resolve(change, workflow.now())
        return self._changed(len(change.break_ids))

    @resolve.validator
    def _may_resolve(self, change: Resolve) -> None:
        self._refuse_unsigned()
        self._book.refuse_changing(change.break_ids)

    @workflow.update
    def accept(self, change: Accept) -> OpenCases:
        """The second person's yes; a manual match is accepted for all of its breaks."""
        self._book.accept(change, workflow.now())
        return self._changed(1)

    @accept.validator
    def _may_accept(self, change: Accept) -> None:
        case = self._book.known(change.break_id)
        if self._is_signed:
            refusals.refuse_in_favour_of_task(case, self._second_people.task_of(change.break_id))
        refusals.refuse_accepting(case, change.by)

    @workflow.update
    def reopen(self, change: Reopen) -> OpenCases:
        """Takes back a resolution; a manual match is dissolved for all of its breaks."""
        self._book.reopen(change, workflow.now())
        return self._changed(1)

    @reopen.validator
    def _may_reopen(self, change: Reopen) -> None:
        self._refuse_unsigned()
        refusals.refuse_reopening(self._book.known(change.break_id))

    @workflow.update
    def match_by_hand(self, change: MatchByHand) -> OpenCases:
        """Puts breaks together: they are closed as one, and later runs match their items."""
        self._book.match_by_hand(change, workflow.now())
        return self._changed(len(change.break_ids))

    @match_by_hand.validator
    def _may_match(self, change: MatchByHand) -> None:
        self._refuse_unsigned()
        self._book.refuse_changing(change.break_ids)

    @workflow.update
    def mute(self, change: Mute) -> OpenCases:
        """Keeps a break silent until a date."""
        self._book.mute(change, workflow.now())
        return self._changed(1)

    @mute.validator
    def _may_mute(self, change: Mute) -> None:
        self._refuse_unsigned()
        refusals.refuse_closed(self._book.known(change.break_id))

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
        return listing.found(self._book, wanted)

    @workflow.query
    def ids(self, beginning: str) -> tuple[str, ...]:
        """The first ten ids that begin so."""
        return tuple(sorted(each for each in self._book.cases if each.startswith(beginning)))[:10]

    @workflow.query
    def tasks(self) -> dict[str, str]:
        """Open breaks whose resolution waits for a second person -> the task to decide."""
        return self._second_people.waiting()

    @workflow.query
    def story(self, break_id: str) -> BreakCase:
        """One break with all that happened to it."""
        return self._book.known(break_id)

    @workflow.query
    def summary(self) -> DeskSummary:
        """How the desk stands."""
        return listing.summary(
            self._book,
            next_notice=self._notices.next_moment(),
            undelivered=len(self._notices.undelivered),
        )

    # How it waits

    async def _archive(self) -> None:
        """Moves breaks that were closed long ago into the artifact store, stories and all."""
        old = self._book.closed_before(workflow.now() - CLOSED_STAY)
        if old:
            await catalog.archive_cases(ArchiveRequest(rec_id=self._book.rules.rec_id, cases=old))
            self._book.forget(old)

    async def _sleep(self) -> None:
        """Until the next notice, the next change, or the time for a new history."""
        moment = self._notices.next_moment()
        patience = None if moment is None else max(moment - workflow.now(), timedelta(seconds=1))
        try:
            await workflow.wait_condition(
                lambda: self._is_woken or self._is_closing, timeout=patience
            )
        except TimeoutError:
            return

    def _is_leaving(self) -> bool:
        return self._is_renewing or self._is_closing

    def _is_at_rest(self) -> bool:
        return workflow.all_handlers_finished() and not self._second_people.are_asked

    def _refuse_unsigned(self) -> None:
        """Whatever people say here, they say with a ticket."""
        if self._is_signed:
            current_ticket()

    def _changed(self, touched: int) -> OpenCases:
        self._wake()
        return OpenCases(touched=touched, open=len(self._book.open()))

    def _wake(self) -> None:
        self._is_woken = True

    def _state(self) -> DeskState:
        return self._book.state(self._notices.undelivered)
