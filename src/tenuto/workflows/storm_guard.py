"""One guard for one audience: it answers who may send, and tells what it held back."""

from datetime import timedelta

from temporalio import workflow

from tenuto.catalog.library.notify.audience import Message
from tenuto.catalog.library.notify.storms import (
    Admission,
    AdmitRequest,
    GuardState,
    StormGuardRequest,
    StormGuardResult,
)
from tenuto.core.errors import UsageError
from tenuto.workflows import storm_rules
from tenuto.workflows.notices import deliver_to_all

_UNASKED = timedelta(minutes=10)
"""How long a guard waits for its first question."""


@workflow.defn(name="StormGuard")
class StormGuard:
    """Hold back repeated notices to one audience and tell them in one digest."""

    @workflow.init
    def __init__(self, request: StormGuardRequest) -> None:
        self._audience = request.audience
        self._state = request.state

    @workflow.run
    async def run(self, request: StormGuardRequest) -> StormGuardResult:
        """What was sent and held back, when a whole window has passed without anything."""
        try:
            await workflow.wait_condition(lambda: self._state is not None, timeout=_UNASKED)
        except TimeoutError:
            return StormGuardResult(sent=0, suppressed=0, digests=0)
        while True:
            await self._wait_for_window()
            if await self._end_window():
                break
        return self._result()

    @workflow.update
    async def admit(self, request: AdmitRequest) -> Admission:
        """Whether the message may be sent."""
        now = workflow.now()
        state = self._state or storm_rules.first_window(request, now)
        self._state, admission = storm_rules.decide(state, request, now)
        return admission

    @admit.validator
    def _may_ask(self, request: AdmitRequest) -> None:
        if request.audience != self._audience:
            raise UsageError(
                f"This guard is for `{self._audience}`, not for `{request.audience}`; ask that "
                "one's.",
                code="notify.other-audience",
            )

    @workflow.query
    def state(self) -> GuardState | None:
        """Everything the guard knows."""
        return self._state

    async def _wait_for_window(self) -> None:
        """Until the window ends; a history that grows long continues in a new run meanwhile."""
        left = self._known().window_ends - workflow.now()
        try:
            await workflow.wait_condition(
                workflow.info().is_continue_as_new_suggested, timeout=left
            )
        except TimeoutError:
            return
        await self._continue()

    async def _end_window(self) -> bool:
        """Tells what was held back; whether nothing is left to guard."""
        ended = self._known()
        window = storm_rules.end_window(ended, workflow.now())
        self._state = window.state
        if window.digest is not None and not await self._tell(window.digest):
            self._state = storm_rules.untold(self._known(), ended)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return window.is_quiet and not self._known().topics

    async def _tell(self, digest: Message) -> bool:
        """Whether anybody was told, or nobody is to be."""
        state = self._known()
        receipts = await deliver_to_all(state.recipients, digest, step=f"digest-{state.digests}")
        told = ", ".join(f"{each.recipient}: {each.outcome}" for each in receipts)
        workflow.set_current_details(f"{digest.subject} ({told or 'nobody to tell'})")
        return not receipts or any(each.outcome != "failed" for each in receipts)

    async def _continue(self) -> None:
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(StormGuardRequest(audience=self._audience, state=self._known()))

    def _result(self) -> StormGuardResult:
        state = self._known()
        return StormGuardResult(
            sent=state.total_sent, suppressed=state.total_suppressed, digests=state.digests
        )

    def _known(self) -> GuardState:
        assert self._state is not None  # noqa: S101 (set by the first question)
        return self._state
