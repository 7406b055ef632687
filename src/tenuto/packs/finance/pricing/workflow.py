"""The order of a pricing run, and where it waits for people."""

import asyncio
from datetime import timedelta

from temporalio import workflow

from tenuto.identity.current import current_ticket
from tenuto.packs.finance.asking import ask
from tenuto.packs.finance.pricing import catalog, refusals
from tenuto.packs.finance.pricing.book import ExceptionBook
from tenuto.packs.finance.pricing.checking import check_task
from tenuto.packs.finance.pricing.handoffs import (
    AcceptPrice,
    AssignException,
    ChallengeVendor,
    CheckedPrices,
    CheckedQuotes,
    CheckPricesRequest,
    CollectQuotesRequest,
    CommentException,
    EvidenceRequest,
    FairValueRequest,
    FinaliseRequest,
    FinalPrices,
    OpenException,
    OverridePrice,
    Pricing,
    Progress,
    RenderReportRequest,
    SelectPricesRequest,
    StillOpen,
    SubmitAnswers,
    UseNextSource,
)
from tenuto.packs.finance.pricing.models import PricingRequest, PricingResult
from tenuto.workflows.cleanup import to_the_end
from tenuto.workflows.progress import Steps

LONGEST_WAIT = timedelta(days=3)
"""How long a run waits for people when the policy has no cut-off, or it has already passed."""

STEPS = 8
"""Steps of a run, as `progress` counts them; an examination that is repeated counts once."""

_LISTED = 100


@workflow.defn(name="Pricing")
class PricingRun:
    """Prices one list of instruments: select, check, ask, publish."""

    @workflow.init
    def __init__(self, request: PricingRequest) -> None:
        self._request = request
        self._steps = Steps(STEPS)
        self._pricing: Pricing | None = None
        self._quotes: CheckedQuotes | None = None
        self._proposed: CheckedPrices | None = None
        self._book = ExceptionBook(policy=request.policy, day=request.date)
        self._result: PricingResult | None = None
        self._examining = asyncio.Lock()
        self._task: str | None = None
        self._tasks = 0
        self._is_submitted = False

    @workflow.run
    async def run(self, request: PricingRequest) -> PricingResult:
        """The published set.

        Raises DataError with every problem of the files, or naming the exceptions that nobody
        answered; then nothing was bound.
        """
        # Runs from before there were tickets and tasks go on as they began.
        self._book.is_checked_by_task = workflow.patched("signed-people")
        await self._collect()
        await self._check_quotes()
        await self._examine()
        await self._settle()
        final = await self._render(await self._finalise())
        await self._publish(final)
        return await self._conclude(final)

    # What people and programs may ask and say

    @workflow.query
    def progress(self) -> Progress:
        """Where the run stands and what it waits for."""
        return Progress(
            done=self._steps.done,
            total=self._steps.total,
            current=self._steps.current,
            waiting_until=self._steps.waiting_until,
            open=len(self._book.open) if self._steps.waiting_until else 0,
            decided=len(self._book.decisions),
            task=self._task,
        )

    @workflow.query
    def exceptions(self) -> list[OpenException]:
        """Every exception that waits for an answer, with owner, age, and suggestion."""
        return self._book.shown(workflow.now()) if self._steps.waiting_until else []

    @workflow.query
    def result(self) -> PricingResult | None:
        """The published set, or None until there is one."""
        return self._result

    @workflow.update
    async def accept(self, answer: AcceptPrice) -> StillOpen:
        """Says that the proposed price is right; the committee's need a second person too."""
        async with self._examining:
            self._book.accept(answer, workflow.now())
            return self._book.still_open()

    @accept.validator
    def _may_accept(self, answer: AcceptPrice) -> None:
        self._refuse_unsigned()
        self._refuse_unless_waiting(answer.instrument_id)
        self._book.refuse_accepting(answer)

    @workflow.update
    async def override(self, answer: OverridePrice) -> StillOpen:
        """Proposes another price, with evidence and a last day; a second person decides."""
        async with self._examining:
            await catalog.check_evidence(EvidenceRequest(evidence=answer.evidence))
            self._book.override(answer, workflow.now())
            return self._book.still_open()

    @override.validator
    def _may_override(self, answer: OverridePrice) -> None:
        self._refuse_unsigned()
        self._refuse_unless_waiting(answer.instrument_id)
        self._book.refuse_overriding(answer)

    @workflow.update
    async def next_source(self, answer: UseNextSource) -> StillOpen:
        """Prices the instrument from the next rung; what that one raises is asked again."""
        async with self._examining:
            self._book.skip_source(answer, workflow.now())
            await self._reexamine()
            return self._book.still_open()

    @next_source.validator
    def _may_skip(self, answer: UseNextSource) -> None:
        self._refuse_unsigned()
        self._refuse_unless_waiting(answer.instrument_id)
        self._book.refuse_skipping(answer)

    @workflow.update
    async def challenge_vendor(self, answer: ChallengeVendor) -> StillOpen:
        """Records that the source was asked; keeps waiting, or takes the next rung meanwhile."""
        async with self._examining:
            self._book.challenge(answer, workflow.now())
            if answer.meanwhile == "next_source":
                await self._reexamine()
            return self._book.still_open()

    @challenge_vendor.validator
    def _may_challenge(self, answer: ChallengeVendor) -> None:
        self._refuse_unsigned()
        self._refuse_unless_waiting(answer.instrument_id)
        self._book.refuse_skipping(answer)

    @workflow.update
    async def comment(self, note: CommentException) -> StillOpen:
        """Adds words to an exception; it stays open."""
        async with self._examining:
            self._book.comment(note, workflow.now())
            return self._book.still_open()

    @comment.validator
    def _may_comment(self, note: CommentException) -> None:
        self._refuse_unsigned()
        self._refuse_unless_waiting(note.instrument_id)
        self._book.refuse_noting(note)

    @workflow.update
    async def assign(self, note: AssignException) -> StillOpen:
        """Gives an exception an owner; it stays open."""
        async with self._examining:
            self._book.assign(note, workflow.now())
            return self._book.still_open()

    @assign.validator
    def _may_assign(self, note: AssignException) -> None:
        self._refuse_unsigned()
        self._refuse_unless_waiting(note.instrument_id)
        self._book.refuse_noting(note)

    @workflow.update
    async def submit(self, asked: SubmitAnswers) -> StillOpen:
        """Asks a second person about the answers so far; without it, once all are given."""
        async with self._examining:
            self._book.refuse_submitting()
            self._is_submitted = True
            return self._book.still_open()

    @submit.validator
    def _may_submit(self, asked: SubmitAnswers) -> None:
        self._refuse_unsigned()
        self._book.refuse_submitting()

    # The steps, in order

    async def _collect(self) -> None:
        if self._request.version is None:
            raise refusals.no_version(self._request)
        self._steps.begin("reading the files")
        collected = await catalog.collect_quotes(CollectQuotesRequest(request=self._request))
        if collected.count:
            raise refusals.invalid_inputs(collected)
        self._pricing = Pricing(
            policy=self._request.policy,
            date=self._request.date,
            version=self._request.version,
            inputs=collected,
        )

    async def _check_quotes(self) -> None:
        self._steps.begin("checking the quotes")
        self._quotes = await catalog.check_quotes(self._known_pricing())

    async def _examine(self) -> None:
        """Proposes a price for every instrument and takes over what speaks against it."""
        pricing, quotes = self._known_pricing(), self._known_quotes()
        self._steps.begin("walking the waterfalls")
        selected = await catalog.select_prices(SelectPricesRequest(pricing=pricing, checked=quotes))
        self._steps.begin("pricing what no source gave")
        valued = await catalog.fair_value(
            FairValueRequest(pricing=pricing, checked=quotes, selected=selected)
        )
        self._steps.begin("checking the prices")
        self._proposed = await catalog.check_prices(
            CheckPricesRequest(pricing=pricing, checked=quotes, selected=selected, valued=valued)
        )
        self._book.take(self._proposed.exceptions, workflow.now())

    async def _settle(self) -> None:
        """Returns when the set may be published."""
        proposed = self._known_proposed()
        match self._request.on_exception:
            case "report":
                return
            case "fail" if proposed.count:
                raise refusals.exceptions_found(proposed.exceptions, proposed.count)
            case _:
                if proposed.count > len(proposed.exceptions):
                    raise refusals.too_many(proposed.count, len(proposed.exceptions))
        if self._book.open:
            await self._wait_for_people()

    async def _wait_for_people(self) -> None:
        names = ", ".join(sorted(self._book.open)[:10])
        patience = self._wait(f"waiting for answers on {len(self._book.open)} price(s): {names}")
        try:
            if self._book.is_checked_by_task:
                await self._hear_two_people()
            else:
                await workflow.wait_condition(self._is_settled, timeout=patience)
        except TimeoutError as late:
            async with self._examining:
                if not await self._take_suggestions():
                    listed = [self._book.open[name] for name in sorted(self._book.open)]
                    raise refusals.not_answered(listed, self._steps.waiting_until) from late
        self._steps.waited()

    async def _hear_two_people(self) -> None:
        """Returns once everything is answered, and checked where it needs a second person.

        Raises TimeoutError at the cut-off.
        """
        while not self._is_settled():
            await workflow.wait_condition(
                lambda: self._is_settled() or self._is_to_check(), timeout=self._left()
            )
            if self._is_to_check():
                await self._check()

    async def _check(self) -> None:
        """One task for all answers that need a second person; rejected, all are open again."""
        batch = self._book.batch()
        self._is_submitted = False
        self._tasks += 1
        outcome = await ask(
            check_task(batch, self._request.policy, self._request.date, self._left()),
            name=f"answers-{self._tasks}",
            opened=self._opened,
            is_moot=lambda: not self._book.is_still(batch),
        )
        self._task = None
        async with self._examining:
            if outcome is None or not self._book.is_still(batch):
                return
            if outcome.is_approved:
                people = [vote.by for vote in outcome.votes if vote.decision == "approve"]
                self._book.approve(batch, ", ".join(people), workflow.now())
            else:
                by = outcome.by or "nobody"
                self._book.decline(batch, outcome.comment, by, workflow.now())

    def _is_to_check(self) -> bool:
        """Whether nothing but a second person is missing, or somebody does not want to wait."""
        proposed = len(self._book.proposed)
        is_asked = self._is_submitted or proposed == len(self._book.open)
        return proposed > 0 and is_asked and not self._examining.locked()

    def _opened(self, task_id: str) -> None:
        self._task = task_id

    def _left(self) -> timedelta:
        until = self._steps.waiting_until
        return timedelta(0) if until is None else max(until - workflow.now(), timedelta(0))

    def _refuse_unsigned(self) -> None:
        """Whatever people answer, they answer with a ticket."""
        if self._book.is_checked_by_task:
            current_ticket()

    async def _take_suggestions(self) -> bool:
        """Whether everything is decided: by then, or as the policy lets the deadline decide.

        A next source may raise questions of its own, so this goes on until there is none left;
        it ends, since every round skips a source for good.
        """
        while self._book.open:
            if self._request.policy.on_deadline == "fail":
                return False
            skipped = len(self._book.exclusions)
            if not self._book.take_suggestions(workflow.now()):
                return False
            if len(self._book.exclusions) > skipped:
                await self._reexamine()
        return True

    async def _finalise(self) -> FinalPrices:
        self._steps.begin("writing price set, report, and audit trail")
        raised = self._book.raised
        return await catalog.finalise(
            FinaliseRequest(
                pricing=self._known_pricing(),
                checked=self._known_quotes(),
                proposed=self._known_proposed(),
                exceptions=tuple(raised[name] for name in sorted(raised)),
                decisions=tuple(self._book.decisions),
                overrides=tuple(self._book.overrides),
                released_at=workflow.now(),
            )
        )

    async def _render(self, final: FinalPrices) -> FinalPrices:
        self._steps.begin("rendering the report")
        request = RenderReportRequest(report=final.report, price_set=final.price_set)
        return final.model_copy(update={"pack": await catalog.render_report(request)})

    async def _publish(self, final: FinalPrices) -> None:
        """All names or none: a cancellation that comes now takes effect after the last name."""
        self._steps.begin("publishing")
        await to_the_end(catalog.publish(final))

    async def _conclude(self, final: FinalPrices) -> PricingResult:
        pricing = self._known_pricing()
        raised = self._book.raised
        self._result = PricingResult(
            pricing_id=pricing.pricing_id,
            policy_id=pricing.policy.policy_id,
            date=pricing.date,
            version=pricing.version,
            prices=final.prices,
            price_set=final.price_set,
            counts=final.counts,
            exceptions=tuple(raised[name] for name in sorted(raised)[:_LISTED]),
            decisions=tuple(self._book.decisions),
            missing=final.missing,
            expired_overrides=pricing.inputs.expired_overrides,
            report=final.report,
            audit=final.audit,
            pack=final.pack,
        )
        self._steps.begin(f"published {pricing.pricing_id}")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._result

    # Examining again, and waiting

    async def _reexamine(self) -> None:
        pricing = self._known_pricing()
        self._pricing = pricing.model_copy(update={"exclusions": tuple(self._book.exclusions)})
        done, current = self._steps.done, self._steps.current
        await self._examine()
        self._steps.done, self._steps.current = done, current

    def _is_settled(self) -> bool:
        return not self._book.open and not self._examining.locked()

    def _refuse_unless_waiting(self, instrument_id: str) -> None:
        if self._steps.waiting_until is None:
            raise refusals.no_such_exception(instrument_id, ())

    def _known_pricing(self) -> Pricing:
        assert self._pricing is not None  # noqa: S101 (set by the first step)
        return self._pricing

    def _known_quotes(self) -> CheckedQuotes:
        assert self._quotes is not None  # noqa: S101 (set by the second step)
        return self._quotes

    def _known_proposed(self) -> CheckedPrices:
        assert self._proposed is not None  # noqa: S101 (set by the examination)
        return self._proposed

    def _wait(self, what: str) -> timedelta:
        cut_off = self._known_pricing().inputs.cut_off
        return self._steps.wait(what, until=cut_off, at_most=LONGEST_WAIT)
