"""The order of a Daily NAV, and where it waits for people."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.packs.finance.models import Recipient
from tenuto.packs.finance.nav import catalog, refusals
from tenuto.packs.finance.nav.handoffs import (
    AccruedFees,
    AccrueFeesRequest,
    AllocateClassesRequest,
    AllocatedClasses,
    CarryPrior,
    CheckedNav,
    CheckTolerancesRequest,
    CollectedInputs,
    CollectInputsRequest,
    DeliverRequest,
    ExplainMovementRequest,
    FinaliseRequest,
    FinalNav,
    MeasuredPerformance,
    MeasurePerformanceRequest,
    MissingPrice,
    OpenBreach,
    Progress,
    PublishRequest,
    RenderPackRequest,
    StillMissing,
    StillOpen,
    Strike,
    SupplyPrices,
    ValuedBalances,
    ValuedPositions,
)
from tenuto.packs.finance.nav.models import (
    CarriedPrice,
    Comment,
    DailyNavRequest,
    DailyNavResult,
    Delivery,
    Movement,
    NavPack,
)

LONGEST_WAIT = timedelta(days=3)
"""How long a run waits for people when the fund has no cut-off, or it has already passed."""

STEPS = 13
"""Steps of a run, as `progress` counts them."""


@workflow.defn(name="DailyNav")
class DailyNav:
    """Strike one NAV from pinned inputs, hold it against tolerances, release it, hand it out."""

    @workflow.init
    def __init__(self, request: DailyNavRequest) -> None:
        self._request = request
        self._done = 0
        self._current = "starting"
        self._waiting_until: datetime | None = None
        self._strike: Strike | None = None
        self._supplied: tuple[SupplyPrices, ...] = ()
        self._missing: tuple[MissingPrice, ...] = ()
        self._breaches: tuple[OpenBreach, ...] = ()
        self._comments: tuple[Comment, ...] = ()
        self._result: DailyNavResult | None = None
        self._examining = asyncio.Lock()

    @workflow.run
    async def run(self, request: DailyNavRequest) -> DailyNavResult:
        """The released NAV.

        Raises DataError with every problem of the inputs, or naming the breach that nobody
        commented; then nothing was bound and nothing handed out.
        """
        strike = await self._prepare()
        positions = await self._value_positions(strike)
        balances = await self._value_balances(strike)
        fees = await self._accrue_fees(strike, positions, balances)
        allocated = await self._allocate_classes(strike, positions, balances, fees)
        movement = await self._explain_movement(strike, positions, balances, fees, allocated)
        measured = await self._measure_performance(strike, allocated)
        checked = await self._check_tolerances(
            strike, positions, balances, fees, movement, allocated, measured
        )
        await self._wait_for_comments(checked)
        final = await self._finalise(checked)
        pack = await self._render_pack(final)
        await self._publish(strike, final, pack)
        deliveries = await self._deliver(strike, pack)
        return await self._conclude(strike, allocated, measured, final, pack, deliveries)

    # What people and programs may ask and say

    @workflow.query
    def progress(self) -> Progress:
        """Where the run stands and what it waits for."""
        return Progress(
            done=self._done,
            total=STEPS,
            current=self._current,
            waiting_until=self._waiting_until,
            missing=self._missing,
            breaches=self._breaches,
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

    # The steps, in order

    async def _prepare(self) -> Strike:
        if self._request.version is None:
            raise refusals.no_version(self._request)
        self._now("reading the inputs")
        inputs = await self._collect(())
        self._now("validating the inputs")
        async with self._examining:
            await self._examine(
                Strike(
                    fund=self._request.fund,
                    date=self._request.date,
                    nav_type=self._request.nav_type,
                    version=self._request.version,
                    inputs=inputs,
                )
            )
        if self._missing:
            await self._wait_for_prices()
        return self._known_strike()

    async def _value_positions(self, strike: Strike) -> ValuedPositions:
        self._now("valuing positions")
        return await catalog.value_positions(strike)

    async def _value_balances(self, strike: Strike) -> ValuedBalances:
        self._now("valuing cash, trades, dividends, and capital")
        return await catalog.value_balances(strike)

    async def _accrue_fees(
        self, strike: Strike, positions: ValuedPositions, balances: ValuedBalances
    ) -> AccruedFees:
        self._now("accruing fees")
        return await catalog.accrue_fees(
            AccrueFeesRequest(strike=strike, positions=positions, balances=balances)
        )

    async def _allocate_classes(
        self,
        strike: Strike,
        positions: ValuedPositions,
        balances: ValuedBalances,
        fees: AccruedFees,
    ) -> AllocatedClasses:
        self._now("sharing the NAV among the classes")
        return await catalog.allocate_classes(
            AllocateClassesRequest(strike=strike, positions=positions, balances=balances, fees=fees)
        )

    async def _explain_movement(
        self,
        strike: Strike,
        positions: ValuedPositions,
        balances: ValuedBalances,
        fees: AccruedFees,
        allocated: AllocatedClasses,
    ) -> Movement | None:
        self._now("explaining the movement")
        explained = await catalog.explain_movement(
            ExplainMovementRequest(
                strike=strike,
                positions=positions,
                balances=balances,
                fees=fees,
                nav=allocated.nav,
            )
        )
        return explained.movement

    async def _measure_performance(
        self, strike: Strike, allocated: AllocatedClasses
    ) -> MeasuredPerformance:
        self._now("measuring performance")
        return await catalog.measure_performance(
            MeasurePerformanceRequest(strike=strike, classes=allocated.classes)
        )

    async def _check_tolerances(
        self,
        strike: Strike,
        positions: ValuedPositions,
        balances: ValuedBalances,
        fees: AccruedFees,
        movement: Movement | None,
        allocated: AllocatedClasses,
        measured: MeasuredPerformance,
    ) -> CheckedNav:
        self._now("checking tolerances")
        return await catalog.check_tolerances(
            CheckTolerancesRequest(
                strike=strike,
                administrator_nav=self._request.administrator_nav,
                positions=positions,
                balances=balances,
                fees=fees,
                nav=allocated.nav,
                classes=measured.classes,
                compared_with=measured.compared_with,
                movement=movement,
            )
        )

    async def _wait_for_comments(self, checked: CheckedNav) -> None:
        self._breaches = checked.open
        if not self._breaches:
            return
        names = ", ".join(f"`{each.rule}`" for each in self._breaches)
        self._wait(f"waiting for comments on {names}")
        try:
            await workflow.wait_condition(lambda: not self._breaches, timeout=self._patience())
        except TimeoutError as late:
            raise refusals.not_commented(self._breaches, self._waiting_until) from late
        self._waiting_until = None

    async def _finalise(self, checked: CheckedNav) -> FinalNav:
        self._now("making the NAV final")
        return await catalog.finalise(
            FinaliseRequest(candidate=checked.candidate, comments=self._comments)
        )

    async def _render_pack(self, final: FinalNav) -> NavPack:
        self._now("writing the NAV pack")
        return await catalog.render_pack(RenderPackRequest(result=final.result))

    async def _publish(self, strike: Strike, final: FinalNav, pack: NavPack) -> None:
        """All names or none: a cancellation that comes now takes effect after the last name."""
        self._now("releasing")
        release = asyncio.ensure_future(
            catalog.publish(PublishRequest(nav_id=strike.nav_id, result=final.result, pack=pack))
        )
        try:
            await asyncio.shield(release)
        except asyncio.CancelledError:
            await release
            raise

    async def _deliver(self, strike: Strike, pack: NavPack) -> tuple[Delivery, ...]:
        self._now("handing out the pack")
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
        strike: Strike,
        allocated: AllocatedClasses,
        measured: MeasuredPerformance,
        final: FinalNav,
        pack: NavPack,
        deliveries: tuple[Delivery, ...],
    ) -> DailyNavResult:
        self._result = DailyNavResult(
            nav_id=strike.nav_id,
            fund_id=strike.fund.fund_id,
            date=strike.date,
            status="final",
            base_currency=strike.fund.base_currency,
            nav=allocated.nav,
            classes=measured.classes,
            checks=final.checks,
            result=final.result,
            pack=pack,
            deliveries=deliveries,
            recipients=strike.fund.recipients if self._request.distribute else (),
        )
        self._now(f"released {strike.nav_id}")
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

    async def _wait_for_prices(self) -> None:
        names = ", ".join(each.instrument_id for each in self._missing[:10])
        self._wait(f"waiting for {len(self._missing)} missing price(s): {names}")
        try:
            await workflow.wait_condition(lambda: not self._missing, timeout=self._patience())
        except TimeoutError as late:
            async with self._examining:
                if self._missing:
                    raise refusals.not_supplied(self._missing, self._waiting_until) from late
        self._waiting_until = None

    def _known_strike(self) -> Strike:
        assert self._strike is not None  # noqa: S101 (set by the first examination)
        return self._strike

    def _patience(self) -> timedelta:
        assert self._waiting_until is not None  # noqa: S101 (set by `_wait`)
        return self._waiting_until - workflow.now()

    def _wait(self, what: str) -> None:
        cut_off = self._known_strike().inputs.cut_off
        now = workflow.now()
        self._waiting_until = cut_off if cut_off and cut_off > now else now + LONGEST_WAIT
        self._current = f"{what}, until {self._waiting_until:%Y-%m-%d %H:%M} UTC"
        workflow.set_current_details(self._current)

    def _now(self, what: str) -> None:
        """The next step begins."""
        self._done = min(self._done + (self._current != "starting"), STEPS)
        self._current = what
        workflow.set_current_details(f"{self._done}/{STEPS} {what}")
