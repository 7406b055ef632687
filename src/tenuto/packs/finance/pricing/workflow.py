"""The order of a pricing run, and what people may say to it."""

import asyncio

from temporalio import workflow

from tenuto.identity.current import current_ticket
from tenuto.packs.finance.pricing import catalog, refusals
from tenuto.packs.finance.pricing.answering import Answering
from tenuto.packs.finance.pricing.book import ExceptionBook
from tenuto.packs.finance.pricing.examining import Examination
from tenuto.packs.finance.pricing.handoffs import (
    AcceptPrice,
    AssignException,
    ChallengeVendor,
    CommentException,
    EvidenceRequest,
    FinaliseRequest,
    FinalPrices,
    OpenException,
    OverridePrice,
    Progress,
    RenderReportRequest,
    StillOpen,
    SubmitAnswers,
    UseNextSource,
)
from tenuto.packs.finance.pricing.models import PricingRequest, PricingResult
from tenuto.workflows.cleanup import to_the_end
from tenuto.workflows.progress import Steps

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
        self._examining = asyncio.Lock()
        self._book = ExceptionBook(policy=request.policy, day=request.date)
        self._examination = Examination(self._steps, self._book)
        self._answering = Answering(
            request, self._steps, self._examining, self._book, self._examination
        )
        self._result: PricingResult | None = None

    @workflow.run
    async def run(self, request: PricingRequest) -> PricingResult:
        """The published set.

        Raises DataError with every problem of the files, or naming the exceptions that nobody
        answered; then nothing was bound.
        """
        # Runs from before there were tickets and tasks go on as they began.
        self._book.is_checked_by_task = workflow.patched("signed-people")
        await self._examination.collect(request)
        await self._examination.check_quotes()
        await self._examination.examine()
        await self._answering.settle()
        final = await self._render(await self._finalise())
        await self._publish(final)
        return await self._conclude(final)

    # What people and programs may ask

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
            task=self._answering.task,
        )

    @workflow.query
    def exceptions(self) -> list[OpenException]:
        """Every exception that waits for an answer, with owner, age, and suggestion."""
        return self._book.shown(workflow.now()) if self._steps.waiting_until else []

    @workflow.query
    def result(self) -> PricingResult | None:
        """The published set, or None until there is one."""
        return self._result

    # What people may say

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
            await self._examination.examine_again()
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
                await self._examination.examine_again()
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
            self._answering.submit()
            return self._book.still_open()

    @submit.validator
    def _may_submit(self, asked: SubmitAnswers) -> None:
        self._refuse_unsigned()
        self._book.refuse_submitting()

    def _refuse_unsigned(self) -> None:
        """Whatever people answer, they answer with a ticket."""
        if self._book.is_checked_by_task:
            current_ticket()

    def _refuse_unless_waiting(self, instrument_id: str) -> None:
        if self._steps.waiting_until is None:
            raise refusals.no_such_exception(instrument_id, ())

    # The last steps, in order

    async def _finalise(self) -> FinalPrices:
        self._steps.begin("writing price set, report, and audit trail")
        raised = self._book.raised
        return await catalog.finalise(
            FinaliseRequest(
                pricing=self._examination.pricing,
                checked=self._examination.quotes,
                proposed=self._examination.proposed,
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
        pricing = self._examination.pricing
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
