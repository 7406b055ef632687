"""The order of a Daily NAV, and where it waits for people."""

import asyncio
from datetime import timedelta
from typing import Literal

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.packs.finance.models import Recipient
from tenuto.packs.finance.nav import catalog, refusals
from tenuto.packs.finance.nav.children import run_children
from tenuto.packs.finance.nav.handoffs import (
    CheckedNav,
    CollectedInputs,
    CollectInputsRequest,
    CompareRequest,
    DeliverRequest,
    FinaliseRequest,
    FinalNav,
    MissingPrice,
    OpenBreach,
    PublishRequest,
    RenderPackRequest,
    StagedNav,
    StageRequest,
    Strike,
    WithdrawRequest,
)
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
from tenuto.packs.finance.nav.parts import CarriedPrice, Comment
from tenuto.packs.finance.nav.striking import STEPS as CALCULATION_STEPS
from tenuto.packs.finance.nav.striking import Beside, Struck, strike_nav
from tenuto.workflows.cleanup import Cleanup, to_the_end
from tenuto.workflows.progress import Steps

LONGEST_WAIT = timedelta(days=3)
"""How long a run waits for people when the fund has no cut-off, or it has already passed."""

STEPS = CALCULATION_STEPS + 6
"""Steps of a run, as `progress` counts them."""

INPUT_FIELDS = tuple(
    name
    for name in DailyNavRequest.model_fields
    if name in CollectedInputs.model_fields and name != "prior"
)
"""The inputs that a revision may replace."""


@workflow.defn(name="DailyNav")
class DailyNav:
    """Strike one NAV from pinned inputs, hold it against tolerances, release it, hand it out."""

    @workflow.init
    def __init__(self, request: DailyNavRequest) -> None:
        self._request = request
        self._steps = Steps(STEPS)
        self._strike: Strike | None = None
        self._supplied: tuple[SupplyPrices, ...] = ()
        self._missing: tuple[MissingPrice, ...] = ()
        self._breaches: tuple[OpenBreach, ...] = ()
        self._comments: tuple[Comment, ...] = ()
        self._result: DailyNavResult | None = None
        self._beside = Beside(administrator_nav=request.administrator_nav, sources={})
        self._struck: Struck | None = None
        self._shown: tuple[StagedNav, ...] = ()
        self._stage: Literal["estimate", "candidate"] | None = None
        self._changes: Changes | None = None
        self._revisions: tuple[ReviseInputs, ...] = ()
        self._acceptance: Acceptance | None = None
        self._rejection: RejectNav | None = None
        self._examining = asyncio.Lock()

    @workflow.run
    async def run(self, request: DailyNavRequest) -> DailyNavResult:
        """The released NAV.

        Raises DataError with every problem of the inputs, naming the breach that nobody
        commented, or why nobody accepted the result; then nothing was released or handed out.
        """
        async with Cleanup() as cleanup:
            await self._run_children()
            strike = await self._prepare()
            struck = await strike_nav(strike, self._beside, self._steps.begin)
            if request.sign_off == "required":
                cleanup.later("shown results", self._withdraw)
                struck = await self._sign_off(struck)
            else:
                await self._wait_for_comments(struck.checked)
            final = await self._finalise(struck)
            pack = await self._render_pack(final)
            await self._publish(struck.strike, final, pack)
            cleanup.keep()
        deliveries = await self._deliver(struck.strike, pack)
        return await self._conclude(struck, final, pack, deliveries)

    # What people and programs may ask and say

    @workflow.query
    def progress(self) -> Progress:
        """Where the run stands and what it waits for."""
        return Progress(
            done=self._steps.done,
            total=self._steps.total,
            current=self._steps.current,
            waiting_until=self._steps.waiting_until,
            missing=self._missing,
            breaches=self._breaches,
            stage=self._stage,
            result=self._shown[-1].result if self._shown else None,
            changes=self._changes,
        )

    @workflow.query
    def result(self) -> DailyNavResult | None:
        """The released NAV, or None until there is one."""
        return self._result

    @workflow.update
    async def carry_prior(self, decision: CarryPrior) -> StillMissing:
        """Values the named instruments at their latest earlier price."""
        async with self._examining:
            refusals.refuse_carrying(decision, self._missing)
            carried = tuple(
                CarriedPrice(
                    instrument_id=instrument_id,
                    by=decision.by,
                    reason=decision.reason,
                    at=workflow.now(),
                )
                for instrument_id in sorted(set(decision.instrument_ids))
            )
            strike = self._known_strike()
            await self._examine(strike.model_copy(update={"carried": strike.carried + carried}))
            return StillMissing(prices=self._missing)

    @carry_prior.validator
    def _may_carry(self, decision: CarryPrior) -> None:
        refusals.refuse_carrying(decision, self._missing)

    @workflow.update
    async def supply_prices(self, supplied: SupplyPrices) -> StillMissing:
        """Adds a price file. One with problems is refused, and the run keeps waiting."""
        async with self._examining:
            refusals.refuse_supplying(self._missing)
            everything = (*self._supplied, supplied)
            inputs = await self._collect(everything)
            await self._examine(self._known_strike().model_copy(update={"inputs": inputs}))
            self._supplied = everything
            return StillMissing(prices=self._missing)

    @supply_prices.validator
    def _may_supply(self, supplied: SupplyPrices) -> None:
        refusals.refuse_supplying(self._missing)

    @workflow.update
    async def comment_breach(self, comment: Comment) -> StillOpen:
        """Answers a breach that blocks the release; `four-eyes` needs two different people."""
        self._comments += (comment.model_copy(update={"at": workflow.now()}),)
        self._breaches = refusals.still_open(self._breaches, self._comments)
        return StillOpen(breaches=self._breaches)

    @comment_breach.validator
    def _may_comment(self, comment: Comment) -> None:
        refusals.refuse_comment(comment, self._breaches, self._comments)

    @workflow.update
    async def accept_nav(self, acceptance: AcceptNav) -> Acceptance:
        """Releases exactly the result that was looked at, named by its hash."""
        async with self._examining:
            self._may_accept(acceptance)
            self._acceptance = Acceptance(
                by=acceptance.by,
                at=workflow.now(),
                result_sha256=acceptance.result_sha256,
                comment=acceptance.comment,
            )
            return self._acceptance

    @accept_nav.validator
    def _may_accept(self, acceptance: AcceptNav) -> None:
        preparers = (self._request.prepared_by, *(each.by for each in self._revisions))
        refusals.refuse_acceptance(acceptance, self._awaited(), self._breaches, preparers)

    @workflow.update
    async def reject_nav(self, rejection: RejectNav) -> RejectNav:
        """Ends the run; the reason goes back to whoever prepared it."""
        async with self._examining:
            self._may_reject(rejection)
            self._rejection = rejection
            return rejection

    @reject_nav.validator
    def _may_reject(self, rejection: RejectNav) -> None:
        refusals.refuse_unless_awaited(self._awaited())

    @workflow.update
    async def revise_inputs(self, revision: ReviseInputs) -> Changes:
        """Strikes again from better inputs; what was shown before can no longer be accepted."""
        async with self._examining:
            self._may_revise(revision)
            before = self._shown[-1].result
            request = self._request.model_copy(update=dict(revision.inputs))
            await self._restrike(request)
            self._revisions += (revision,)
            self._request = request
            await self._show("candidate")
            self._changes = await catalog.compare(
                CompareRequest(before=before, after=self._shown[-1].result)
            )
            return self._changes

    @revise_inputs.validator
    def _may_revise(self, revision: ReviseInputs) -> None:
        refusals.refuse_unless_awaited(self._awaited())
        refusals.refuse_unknown_inputs(revision, tuple(INPUT_FIELDS))

    # The steps, in order

    async def _run_children(self) -> None:
        if self._request.version is None:
            raise refusals.no_version(self._request)
        if self._request.pricing or self._request.reconciliations:
            self._steps.begin("pricing and reconciling")
        prepared = await run_children(self._request)
        self._request = prepared.request
        self._beside = Beside(
            administrator_nav=self._request.administrator_nav,
            reconciliations=prepared.reconciled,
            sources=prepared.sources,
        )

    async def _prepare(self) -> Strike:
        self._steps.begin("reading the inputs")
        inputs = await self._collect(())
        self._steps.begin("validating the inputs")
        async with self._examining:
            await self._examine(
                Strike(
                    fund=self._request.fund,
                    date=self._request.date,
                    nav_type=self._request.nav_type,
                    version=self._version(),
                    inputs=inputs,
                )
            )
        if self._missing:
            await self._wait_for_prices()
        return self._known_strike()

    async def _sign_off(self, struck: Struck) -> Struck:
        """The struck NAV that a person accepted, after as many revisions as it took."""
        self._struck = struck
        await self._show("estimate")
        patience = self._wait("waiting for sign-off")
        try:
            await workflow.wait_condition(
                lambda: self._acceptance is not None or self._rejection is not None,
                timeout=patience,
            )
        except TimeoutError as late:
            raise refusals.not_accepted(self._shown[-1], self._steps.waiting_until) from late
        async with self._examining:  # a revision that is under way has its say first
            if self._rejection:
                raise refusals.rejected(self._rejection)
        self._steps.waited()
        return self._struck

    async def _show(self, stage: Literal["estimate", "candidate"]) -> None:
        struck = self._known_struck()
        shown = await catalog.stage(
            StageRequest(
                candidate=struck.checked.candidate, status=stage, number=len(self._shown) + 1
            )
        )
        self._shown += (shown,)
        self._stage = stage
        self._breaches = refusals.still_open(struck.checked.open, self._comments)

    async def _withdraw(self) -> None:
        if self._shown:
            nav_id = self._known_strike().nav_id
            await catalog.withdraw(WithdrawRequest(nav_id=nav_id, shown=self._shown))

    async def _wait_for_comments(self, checked: CheckedNav) -> None:
        self._breaches = checked.open
        if not self._breaches:
            return
        names = ", ".join(f"`{each.rule}`" for each in self._breaches)
        patience = self._wait(f"waiting for comments on {names}")
        try:
            await workflow.wait_condition(lambda: not self._breaches, timeout=patience)
        except TimeoutError as late:
            raise refusals.not_commented(self._breaches, self._steps.waiting_until) from late
        self._steps.waited()

    async def _finalise(self, struck: Struck) -> FinalNav:
        self._steps.begin("making the NAV final")
        candidate = self._shown[-1].result if self._shown else struck.checked.candidate
        return await catalog.finalise(
            FinaliseRequest(
                candidate=candidate, comments=self._comments, acceptance=self._acceptance
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
        if not self._request.distribute:
            return ()
        return tuple(
            await asyncio.gather(
                *(self._deliver_to(each, strike, pack) for each in strike.fund.recipients)
            )
        )

    async def _deliver_to(self, recipient: Recipient, strike: Strike, pack: NavPack) -> Delivery:
        """What became of one copy: a recipient who cannot be reached holds up nobody else."""
        request = DeliverRequest(
            recipient=recipient,
            pack=pack,
            nav_id=strike.nav_id,
            fund_id=strike.fund.fund_id,
            date=strike.date,
            idempotency_key=f"{strike.nav_id}/{recipient.name}/{pack.manifest.sha256}",
        )
        try:
            return await catalog.deliver(request, summary=f"to {recipient.name}")
        except ActivityError as failed:
            if is_cancelled_exception(failed):
                raise
            attempts = catalog.deliver.retry.maximum_attempts
            return refusals.undelivered(recipient, failed, attempts=attempts)

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

    # Inputs, and waiting for what they lack

    async def _collect(self, supplied: tuple[SupplyPrices, ...]) -> CollectedInputs:
        return await catalog.collect_inputs(
            CollectInputsRequest(
                request=self._request, supplied=tuple(each.prices for each in supplied)
            )
        )

    async def _examine(self, strike: Strike) -> None:
        """Takes `strike` over if nothing but prices is wrong with it; raises DataError if not."""
        report = await catalog.validate_inputs(strike)
        may_wait = self._request.on_missing == "wait" and bool(report.missing)
        if report.count and not may_wait:
            raise refusals.invalid_inputs(report)
        self._strike = strike.model_copy(update={"fx": report.fx})
        self._missing = report.missing

    async def _restrike(self, request: DailyNavRequest) -> None:
        """Takes the result of `request`'s inputs over; raises DataError, and keeps the former."""
        inputs = await catalog.collect_inputs(CollectInputsRequest(request=request))
        strike = self._known_strike().model_copy(update={"inputs": inputs})
        report = await catalog.validate_inputs(strike)
        if report.count:
            raise refusals.invalid_inputs(report)
        strike = strike.model_copy(update={"fx": report.fx})
        struck = await strike_nav(strike, self._beside, lambda what: None)
        self._strike, self._struck = strike, struck

    def _awaited(self) -> StagedNav | None:
        """The result that waits for sign-off."""
        is_decided = self._acceptance is not None or self._rejection is not None
        return self._shown[-1] if self._shown and not is_decided else None

    async def _wait_for_prices(self) -> None:
        names = ", ".join(each.instrument_id for each in self._missing[:10])
        patience = self._wait(f"waiting for {len(self._missing)} missing price(s): {names}")
        try:
            await workflow.wait_condition(lambda: not self._missing, timeout=patience)
        except TimeoutError as late:
            async with self._examining:
                if self._missing:
                    raise refusals.not_supplied(self._missing, self._steps.waiting_until) from late
        self._steps.waited()

    def _version(self) -> int:
        assert self._request.version is not None  # noqa: S101 (refused before the children run)
        return self._request.version

    def _known_struck(self) -> Struck:
        assert self._struck is not None  # noqa: S101 (set before anything is shown)
        return self._struck

    def _known_strike(self) -> Strike:
        assert self._strike is not None  # noqa: S101 (set by the first examination)
        return self._strike

    def _wait(self, what: str) -> timedelta:
        cut_off = self._known_strike().inputs.cut_off
        return self._steps.wait(what, until=cut_off, at_most=LONGEST_WAIT)
