"""The inputs of a strike: collected, validated, and waited for where only prices are missing."""

import asyncio
from datetime import timedelta

from temporalio import workflow

from tenuto.packs.finance.nav import catalog, refusals
from tenuto.packs.finance.nav.handoffs import (
    CollectedInputs,
    CollectInputsRequest,
    InputReport,
    MissingPrice,
    Strike,
)
from tenuto.packs.finance.nav.messages import CarryPrior, SupplyPrices
from tenuto.packs.finance.nav.models import DailyNavRequest
from tenuto.packs.finance.nav.parts import CarriedPrice
from tenuto.workflows.progress import Steps

LONGEST_WAIT = timedelta(days=3)
"""How long a run waits for people when the fund has no cut-off, or it has already passed."""

INPUT_FIELDS = tuple(
    name
    for name in DailyNavRequest.model_fields
    if name in CollectedInputs.model_fields and name != "prior"
)
"""The inputs that a revision may replace."""


def wait(steps: Steps, what: str, strike: Strike) -> timedelta:
    """People are waited for from now on; how long, which is until the fund's cut-off."""
    return steps.wait(what, until=strike.inputs.cut_off, at_most=LONGEST_WAIT)


class Preparation:
    """What a run knows of its inputs, and what people do about prices that are missing.

    `examining` is held while anything is looked at, by whoever calls `carry` and `supply` too.
    For workflow code only.
    """

    def __init__(self, steps: Steps, examining: asyncio.Lock) -> None:
        self._steps = steps
        self._examining = examining
        self._request: DailyNavRequest | None = None
        self._strike: Strike | None = None
        self._supplied: tuple[SupplyPrices, ...] = ()
        self.missing: tuple[MissingPrice, ...] = ()
        """The prices that people are waited for."""
        self.overridden: dict[str, str] = {}
        """Instrument -> who priced it."""

    async def prepare(self, request: DailyNavRequest, version: int) -> Strike:
        """What to strike, once nothing is wrong with it and nothing is missing.

        Raises DataError with every problem of the inputs, or naming the prices that nobody gave.
        """
        self._request = request
        self._steps.begin("reading the inputs")
        inputs = await self._collect(())
        self._steps.begin("validating the inputs")
        async with self._examining:
            await self._examine(
                Strike(
                    fund=request.fund,
                    date=request.date,
                    nav_type=request.nav_type,
                    version=version,
                    inputs=inputs,
                )
            )
        if self.missing:
            await self._wait_for_prices()
        return self._known_strike()

    async def carry(self, decision: CarryPrior) -> None:
        """Values the named instruments at their latest earlier price. Raises UsageError."""
        refusals.refuse_carrying(decision, self.missing)
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
        self.overridden |= {each.instrument_id: each.by for each in carried}

    async def supply(self, supplied: SupplyPrices) -> None:
        """Adds a price file. Raises UsageError, and DataError for a file with problems."""
        refusals.refuse_supplying(self.missing)
        everything = (*self._supplied, supplied)
        inputs = await self._collect(everything)
        asked = {each.instrument_id for each in self.missing}
        await self._examine(self._known_strike().model_copy(update={"inputs": inputs}))
        self._supplied = everything
        left = {each.instrument_id for each in self.missing}
        self.overridden |= dict.fromkeys(sorted(asked - left), supplied.by)

    def suppliers(self) -> tuple[str, ...]:
        """Everybody who gave a price file."""
        return tuple(each.by for each in self._supplied)

    async def _collect(self, supplied: tuple[SupplyPrices, ...]) -> CollectedInputs:
        prices = tuple(each.prices for each in supplied)
        return await catalog.collect_inputs(
            CollectInputsRequest(request=self._known_request(), supplied=prices)
        )

    async def _examine(self, strike: Strike) -> None:
        """Takes `strike` over if nothing but prices is wrong with it; raises DataError if not."""
        report = await catalog.validate_inputs(strike)
        may_wait = self._known_request().on_missing == "wait" and bool(report.missing)
        self._strike = _with_fixings(strike, report, may_wait=may_wait)
        self.missing = report.missing

    async def _wait_for_prices(self) -> None:
        names = ", ".join(each.instrument_id for each in self.missing[:10])
        what = f"waiting for {len(self.missing)} missing price(s): {names}"
        patience = wait(self._steps, what, self._known_strike())
        try:
            await workflow.wait_condition(lambda: not self.missing, timeout=patience)
        except TimeoutError as late:
            async with self._examining:
                if self.missing:
                    raise refusals.not_supplied(self.missing, self._steps.waiting_until) from late
        self._steps.waited()

    def _known_request(self) -> DailyNavRequest:
        assert self._request is not None  # noqa: S101 (set before anything is collected)
        return self._request

    def _known_strike(self) -> Strike:
        assert self._strike is not None  # noqa: S101 (set by the first examination)
        return self._strike


async def revised(strike: Strike, request: DailyNavRequest) -> Strike:
    """`strike` from the inputs of `request`. Raises DataError when anything is wrong with them."""
    inputs = await catalog.collect_inputs(CollectInputsRequest(request=request))
    strike = strike.model_copy(update={"inputs": inputs})
    return _with_fixings(strike, await catalog.validate_inputs(strike), may_wait=False)


def _with_fixings(strike: Strike, report: InputReport, *, may_wait: bool) -> Strike:
    if report.count and not may_wait:
        raise refusals.invalid_inputs(report)
    return strike.model_copy(update={"fx": report.fx})
