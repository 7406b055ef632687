"""The order of a Daily NAV, and what people may say to it."""

import asyncio

from temporalio import workflow

from tenuto.identity.current import current_ticket
from tenuto.packs.finance.nav import catalog, refusals, sign_off
from tenuto.packs.finance.nav.agreeing import Agreement
from tenuto.packs.finance.nav.children import run_children
from tenuto.packs.finance.nav.delivering import deliver_pack
from tenuto.packs.finance.nav.handoffs import Strike
from tenuto.packs.finance.nav.messages import (
    AcceptNav,
    CarryPrior,
    Progress,
    RejectNav,
    ReviseInputs,
    StillMissing,
    StillOpen,
    SupplyPrices,
)
from tenuto.packs.finance.nav.models import (
    Acceptance,
    Changes,
    DailyNavRequest,
    DailyNavResult,
    Delivery,
    NavPack,
)
from tenuto.packs.finance.nav.parts import Comment
from tenuto.packs.finance.nav.preparing import INPUT_FIELDS, Preparation, revised
from tenuto.packs.finance.nav.release_handoffs import (
    FinaliseRequest,
    FinalNav,
    PublishRequest,
    RenderPackRequest,
)
from tenuto.packs.finance.nav.striking import STEPS as CALCULATION_STEPS
from tenuto.packs.finance.nav.striking import Beside, Struck, strike_nav
from tenuto.workflows.cleanup import Cleanup, to_the_end
from tenuto.workflows.progress import Steps

STEPS = CALCULATION_STEPS + 6
"""Steps of a run, as `progress` counts them."""


@workflow.defn(name="DailyNav")
class DailyNav:
    """Strike one NAV from pinned inputs, hold it against tolerances, release it, hand it out."""

    @workflow.init
    def __init__(self, request: DailyNavRequest) -> None:
        self._request = request
        self._steps = Steps(STEPS)
        self._examining = asyncio.Lock()
        self._preparation = Preparation(self._steps, self._examining)
        self._beside = Beside(administrator_nav=request.administrator_nav, sources={})
        self._agreement = Agreement(request, self._steps, self._examining, self._preparation)
        self._result: DailyNavResult | None = None
        self._is_signed = False

    @workflow.run
    async def run(self, request: DailyNavRequest) -> DailyNavResult:
        """The released NAV.

        Raises DataError with every problem of the inputs, naming the breach that nobody
        commented, or why nobody accepted the result; then nothing was released or handed out.
        """
        # Runs from before there were tickets and tasks go on as they began.
        self._is_signed = workflow.patched("signed-people")
        async with Cleanup() as cleanup:
            version = self._checked_version()
            await self._run_children()
            strike = await self._preparation.prepare(self._request, version)
            struck = await strike_nav(strike, self._beside, self._steps.begin)
            if request.sign_off == "required":
                cleanup.later("shown results", self._agreement.withdraw)
                struck = await self._agreement.sign_off(struck, is_signed=self._is_signed)
            else:
                await self._agreement.wait_for_comments(struck)
                if self._is_signed:
                    await self._agreement.agree_to_overrides(struck)
            final = await self._finalise(struck)
            pack = await self._render_pack(final)
            await self._publish(struck.strike, final, pack)
            cleanup.keep()
        deliveries = await self._deliver(struck.strike, pack)
        return await self._conclude(struck, final, pack, deliveries)

    # What people and programs may ask

    @workflow.query
    def progress(self) -> Progress:
        """Where the run stands and what it waits for."""
        shown = self._agreement.shown
        return Progress(
            done=self._steps.done,
            total=self._steps.total,
            current=self._steps.current,
            waiting_until=self._steps.waiting_until,
            missing=self._preparation.missing,
            breaches=self._agreement.breaches,
            stage=self._agreement.stage,
            result=shown[-1].result if shown else None,
            changes=self._agreement.changes,
            task=self._agreement.task,
        )

    @workflow.query
    def result(self) -> DailyNavResult | None:
        """The released NAV, or None until there is one."""
        return self._result

    # What people may say

    @workflow.update
    async def carry_prior(self, decision: CarryPrior) -> StillMissing:
        """Values the named instruments at their latest earlier price."""
        async with self._examining:
            await self._preparation.carry(decision)
            return StillMissing(prices=self._preparation.missing)

    @carry_prior.validator
    def _may_carry(self, decision: CarryPrior) -> None:
        self._refuse_unsigned()
        refusals.refuse_carrying(decision, self._preparation.missing)

    @workflow.update
    async def supply_prices(self, supplied: SupplyPrices) -> StillMissing:
        """Adds a price file. One with problems is refused, and the run keeps waiting."""
        async with self._examining:
            await self._preparation.supply(supplied)
            return StillMissing(prices=self._preparation.missing)

    @supply_prices.validator
    def _may_supply(self, supplied: SupplyPrices) -> None:
        self._refuse_unsigned()
        refusals.refuse_supplying(self._preparation.missing)

    @workflow.update
    async def comment_breach(self, comment: Comment) -> StillOpen:
        """Answers a breach that blocks the release; `four-eyes` needs two different people."""
        self._agreement.comment(comment)
        return StillOpen(breaches=self._agreement.breaches)

    @comment_breach.validator
    def _may_comment(self, comment: Comment) -> None:
        self._refuse_unsigned()
        self._agreement.refuse_comment(comment)

    @workflow.update
    async def accept_nav(self, acceptance: AcceptNav) -> Acceptance:
        """Releases exactly the result that was looked at, named by its hash."""
        async with self._examining:
            self._may_accept(acceptance)
            return self._agreement.accept(acceptance)

    @accept_nav.validator
    def _may_accept(self, acceptance: AcceptNav) -> None:
        self._refuse_without_task()
        self._agreement.refuse_acceptance(acceptance)

    @workflow.update
    async def reject_nav(self, rejection: RejectNav) -> RejectNav:
        """Ends the run; the reason goes back to whoever prepared it."""
        async with self._examining:
            self._may_reject(rejection)
            self._agreement.reject(rejection)
            return rejection

    @reject_nav.validator
    def _may_reject(self, rejection: RejectNav) -> None:
        self._refuse_without_task()
        self._agreement.refuse_unless_awaited()

    @workflow.update
    async def revise_inputs(self, revision: ReviseInputs) -> Changes:
        """Strikes again from better inputs; what was shown before can no longer be accepted."""
        async with self._examining:
            self._may_revise(revision)
            request = self._request.model_copy(update=dict(revision.inputs))
            strike = await revised(self._agreement.struck.strike, request)
            struck = await strike_nav(strike, self._beside, lambda what: None)
            self._request = request
            return await self._agreement.revise(revision, struck)

    @revise_inputs.validator
    def _may_revise(self, revision: ReviseInputs) -> None:
        self._refuse_unsigned()
        self._agreement.refuse_unless_awaited()
        refusals.refuse_unknown_inputs(revision, INPUT_FIELDS)

    def _refuse_unsigned(self) -> None:
        """Whoever changes what a NAV is struck from, or answers for it, does so with a ticket."""
        if self._is_signed:
            current_ticket()

    def _refuse_without_task(self) -> None:
        if self._is_signed:
            refusals.refuse_in_favour_of_task(self._agreement.task)

    # The steps, in order

    def _checked_version(self) -> int:
        if self._request.version is None:
            raise refusals.no_version(self._request)
        if self._is_signed and not sign_off.is_nobody_or_person(self._request.prepared_by):
            raise refusals.unknown_preparer(self._request.prepared_by)
        return self._request.version

    async def _run_children(self) -> None:
        if self._request.pricing or self._request.reconciliations:
            self._steps.begin("pricing and reconciling")
        prepared = await run_children(self._request)
        self._request = prepared.request
        self._beside = Beside(
            administrator_nav=self._request.administrator_nav,
            reconciliations=prepared.reconciled,
            sources=prepared.sources,
        )

    async def _finalise(self, struck: Struck) -> FinalNav:
        self._steps.begin("making the NAV final")
        shown = self._agreement.shown
        return await catalog.finalise(
            FinaliseRequest(
                candidate=shown[-1].result if shown else struck.checked.candidate,
                comments=self._agreement.comments,
                acceptance=self._agreement.acceptance,
            )
        )

    async def _render_pack(self, final: FinalNav) -> NavPack:
        self._steps.begin("writing the NAV pack")
        return await catalog.render_pack(RenderPackRequest(result=final.result))

    async def _publish(self, strike: Strike, final: FinalNav, pack: NavPack) -> None:
        """All names or none: a cancellation that comes now takes effect after the last name."""
        self._steps.begin("releasing")
        await to_the_end(
            catalog.publish(PublishRequest(nav_id=strike.nav_id, result=final.result, pack=pack))
        )

    async def _deliver(self, strike: Strike, pack: NavPack) -> tuple[Delivery, ...]:
        self._steps.begin("handing out the pack")
        return await deliver_pack(strike, pack) if self._request.distribute else ()

    async def _conclude(
        self,
        struck: Struck,
        final: FinalNav,
        pack: NavPack,
        deliveries: tuple[Delivery, ...],
    ) -> DailyNavResult:
        strike = struck.strike
        self._result = DailyNavResult(
            nav_id=strike.nav_id,
            fund_id=strike.fund.fund_id,
            date=strike.date,
            status="final",
            base_currency=strike.fund.base_currency,
            nav=struck.nav,
            classes=struck.measured.classes,
            checks=final.checks,
            result=final.result,
            pack=pack,
            deliveries=deliveries,
            recipients=strike.fund.recipients if self._request.distribute else (),
        )
        self._steps.begin(f"released {strike.nav_id}")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._result
