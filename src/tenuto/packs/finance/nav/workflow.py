"""The order of a Daily NAV, and where it waits for people."""

import asyncio
from datetime import datetime, timedelta
from typing import Literal

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.core.errors import DataError
from tenuto.identity.current import current_ticket
from tenuto.packs.finance.asking import ask
from tenuto.packs.finance.models import Recipient
from tenuto.packs.finance.nav import catalog, refusals, sign_off
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
    WeighOverridesRequest,
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
from tenuto.workflows.notices import deliver_to_all
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
        self._is_signed = False
        self._task: str | None = None
        self._refusal: TaskOutcome | None = None
        self._overridden: dict[str, str] = {}
        self._examining = asyncio.Lock()

    @workflow.run
    async def run(self, request: DailyNavRequest) -> DailyNavResult:
        """The released NAV.

        Raises DataError with every problem of the inputs, naming the breach that nobody
        commented, or why nobody accepted the result; then nothing was released or handed out.
        """
        # Runs from before there were tickets and tasks go on as they began.
        self._is_signed = workflow.patched("signed-people")
        async with Cleanup() as cleanup:
            await self._run_children()
            strike = await self._prepare()
            struck = await strike_nav(strike, self._beside, self._steps.begin)
            if request.sign_off == "required":
                cleanup.later("shown results", self._withdraw)
                struck = await self._sign_off(struck)
            else:
                await self._wait_for_comments(struck.checked)
                await self._agree_to_overrides(struck)
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
            task=self._task,
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
            self._overridden |= {each.instrument_id: each.by for each in carried}
            return StillMissing(prices=self._missing)

    @carry_prior.validator
    def _may_carry(self, decision: CarryPrior) -> None:
        self._refuse_unsigned()
        refusals.refuse_carrying(decision, self._missing)

    @workflow.update
    async def supply_prices(self, supplied: SupplyPrices) -> StillMissing:
        """Adds a price file. One with problems is refused, and the run keeps waiting."""
        async with self._examining:
            refusals.refuse_supplying(self._missing)
            everything = (*self._supplied, supplied)
            inputs = await self._collect(everything)
            asked = {each.instrument_id for each in self._missing}
            await self._examine(self._known_strike().model_copy(update={"inputs": inputs}))
            self._supplied = everything
            left = {each.instrument_id for each in self._missing}
            self._overridden |= dict.fromkeys(sorted(asked - left), supplied.by)
            return StillMissing(prices=self._missing)

    @supply_prices.validator
    def _may_supply(self, supplied: SupplyPrices) -> None:
        self._refuse_unsigned()
        refusals.refuse_supplying(self._missing)

    @workflow.update
    async def comment_breach(self, comment: Comment) -> StillOpen:
        """Answers a breach that blocks the release; `four-eyes` needs two different people."""
        self._comments += (comment.model_copy(update={"at": workflow.now()}),)
        self._breaches = refusals.still_open(self._breaches, self._comments)
        return StillOpen(breaches=self._breaches)

    @comment_breach.validator
    def _may_comment(self, comment: Comment) -> None:
        self._refuse_unsigned()
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
        self._refuse_without_task()
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
        self._refuse_without_task()
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
        self._refuse_unsigned()
        refusals.refuse_unless_awaited(self._awaited())
        refusals.refuse_unknown_inputs(revision, tuple(INPUT_FIELDS))

    # The steps, in order

    async def _run_children(self) -> None:
        if self._request.version is None:
            raise refusals.no_version(self._request)
        if self._is_signed and not sign_off.is_nobody_or_person(self._request.prepared_by):
            raise refusals.unknown_preparer(self._request.prepared_by)
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
        """The struck NAV that people accepted, after as many revisions as it took."""
        self._struck = struck
        await self._show("estimate")
        if self._is_signed:
            await self._decide()
        else:
            await self._hear_update()
        self._steps.waited()
        return self._struck

    async def _decide(self) -> None:
        """Asks about the result that is shown; a revision takes the question back and asks anew.

        What was decided on an earlier result releases nothing, even where it was decided while
        the revision was under way.
        """
        self._wait("waiting for sign-off")
        while self._acceptance is None:
            await self._hear_comments()
            if self._breaches:
                continue  # a revision brought new ones this very moment
            shown = self._shown[-1]
            outcome = await self._ask_about(shown)
            async with self._examining:  # a revision that is under way has its say first
                if self._shown[-1] is not shown:
                    continue
                if outcome is None:
                    raise refusals.not_accepted(shown, self._steps.waiting_until)
                if outcome.is_approved:
                    self._acceptance = sign_off.acceptance_of(outcome, shown.result.sha256)
                else:
                    self._refusal = outcome
            if self._refusal is not None:
                raise await self._refused(self._refusal, code="nav.rejected")

    async def _ask_about(self, shown: StagedNav) -> TaskOutcome | None:
        """What people decided on `shown`; None where nobody did, or a revision replaced it."""
        request = sign_off.sign_off_task(
            self._known_struck(),
            shown,
            comments=self._comments,
            changes=self._changes,
            prepared_by=self._request.prepared_by or workflow.memo_value(sign_off.STARTED_BY, ""),
            others=self._preparers(),
            deadline=self._deadline(),
            now=workflow.now(),
        )
        try:
            return await ask(
                request,
                name=f"sign-off-{len(self._shown)}",
                opened=self._opened,
                is_moot=lambda: self._shown[-1] is not shown,
            )
        finally:
            self._task = None

    async def _hear_comments(self) -> None:
        """Returns once no breach of the result that is shown needs a comment any more."""
        try:
            await workflow.wait_condition(lambda: not self._breaches, timeout=self._left())
        except TimeoutError as late:
            raise refusals.not_commented(self._breaches, self._steps.waiting_until) from late

    async def _refused(self, outcome: TaskOutcome, *, code: str) -> DataError:
        """Why the run ends; of a rejection, whoever prepared the NAV is told first."""
        if outcome.state != "rejected":
            return refusals.task_cancelled(outcome)
        message = sign_off.rejection_message(self._known_struck(), outcome)
        await deliver_to_all(self._request.fund.sign_off.preparers, message, step="rejected")
        return refusals.rejected_by_task(outcome, code=code)

    async def _agree_to_overrides(self, struck: Struck) -> None:
        """Where people priced more of the NAV than one of them may alone, another one decides."""
        limit = struck.strike.fund.sign_off.override_above
        if not self._is_signed or limit is None or not self._overridden:
            return
        weighed = await catalog.weigh_overrides(
            WeighOverridesRequest(
                candidate=struck.checked.candidate, instrument_ids=tuple(sorted(self._overridden))
            )
        )
        if weighed.part is not None and weighed.part <= limit:
            return
        self._wait("waiting for a second person's word on overridden prices")
        request = sign_off.override_task(
            struck,
            self._overridden,
            part=weighed.part,
            comments=self._comments,
            deadline=self._deadline(),
            now=workflow.now(),
        )
        outcome = await ask(request, name="override", opened=self._opened)
        self._task = None
        if outcome is None:
            raise refusals.override_not_decided(self._steps.waiting_until)
        if not outcome.is_approved:
            self._struck = struck
            raise await self._refused(outcome, code="nav.override-rejected")
        self._steps.waited()
        self._acceptance = sign_off.acceptance_of(outcome, struck.checked.candidate.sha256)

    async def _hear_update(self) -> None:
        """As runs from before there were tasks are decided: by an update."""
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
        decisions = (self._acceptance, self._rejection, self._refusal)
        is_decided = any(each is not None for each in decisions)
        return self._shown[-1] if self._shown and not is_decided else None

    def _preparers(self) -> tuple[str, ...]:
        """Everybody who gave the result shown now what it is struck from."""
        carried = (each.by for each in self._known_strike().carried)
        supplied = (each.by for each in self._supplied)
        return (*carried, *supplied, *(each.by for each in self._revisions))

    def _opened(self, task_id: str) -> None:
        self._task = task_id

    def _refuse_unsigned(self) -> None:
        """Whoever changes what a NAV is struck from, or answers for it, does so with a ticket."""
        if self._is_signed:
            current_ticket()

    def _refuse_without_task(self) -> None:
        if self._is_signed:
            refusals.refuse_in_favour_of_task(self._task)

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

    def _deadline(self) -> datetime:
        assert self._steps.waiting_until is not None  # noqa: S101 (set while it waits)
        return self._steps.waiting_until

    def _left(self) -> timedelta:
        return max(self._deadline() - workflow.now(), timedelta(seconds=1))

    def _wait(self, what: str) -> timedelta:
        cut_off = self._known_strike().inputs.cut_off
        return self._steps.wait(what, until=cut_off, at_most=LONGEST_WAIT)
