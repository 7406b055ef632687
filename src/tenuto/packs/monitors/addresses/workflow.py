"""One address of one owner: codes are sent and tried, and once proved it stays so."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from tenuto.core.errors import DataError, UsageError
    from tenuto.packs.monitors.addresses import catalog, rules
    from tenuto.packs.monitors.addresses.models import (
        AddressRequest,
        Answer,
        CodeRequest,
        ProofRequest,
        Standing,
    )
    from tenuto.packs.monitors.mail_limits import refused_by_limit
    from tenuto.workflows.notices import idempotency_key


@workflow.defn(name="MonitorAddress")
class MonitorAddress:
    """Keep whether an address was proved to be its owner's."""

    @workflow.init
    def __init__(self, request: AddressRequest) -> None:
        self._request = request
        self._standing = request.standing
        self._turn = 0
        self._one_at_a_time = asyncio.Lock()

    @workflow.run
    async def run(self, request: AddressRequest) -> Standing:
        """Does not end: it is the proof. A history that grows long goes on in a new run."""
        await workflow.wait_condition(
            lambda: (
                workflow.info().is_continue_as_new_suggested() and workflow.all_handlers_finished()
            )
        )
        workflow.continue_as_new(request.model_copy(update={"standing": self._standing}))

    @workflow.update
    async def send_code(self) -> Answer:
        """Mails a code, unless the address is proved already.

        Raises UsageError `monitors.too-many-codes`, DataError `monitors.code-not-sent`.
        """
        async with self._one_at_a_time:
            if self._standing.is_verified:
                return rules.answer_of(self._standing)
            self._standing = rules.asked(self._standing, workflow.now())
            self._turn += 1
            await self._mail()
        return rules.answer_of(self._standing)

    @send_code.validator
    def _none_is_on_its_way(self) -> None:
        # The engine lets ten updates wait; what waits longer than that blocks everybody else.
        if self._one_at_a_time.locked():
            raise UsageError(
                "A code is on its way already. Wait until its mail is there.",
                code="monitors.code-on-its-way",
            )

    @workflow.update
    async def prove(self, request: ProofRequest) -> Answer:
        """How the address stands after this try.

        Raises UsageError `monitors.code-wrong`, `monitors.code-expired`, `monitors.code-spent`.
        """
        if not self._standing.is_verified:
            self._standing = rules.tried(self._standing, request.proof, workflow.now())
        answer = rules.answer_of(self._standing)
        if not answer.is_verified:
            raise UsageError(
                f"This is not the code that was sent; {answer.tries_left} tries are left.",
                code="monitors.code-wrong",
                details={"tries_left": answer.tries_left},
            )
        return answer

    @workflow.query
    def standing(self) -> Answer:
        """How the address stands."""
        return rules.answer_of(self._standing)

    async def _mail(self) -> None:
        owner, address = self._request.owner, self._request.address
        step = f"code/{self._turn}"
        refused = await refused_by_limit(owner, address, step)
        if refused is not None:
            raise DataError(
                f"No code was sent to {address}: {refused.detail}.",
                code="monitors.code-not-sent",
            )
        asked = CodeRequest(address=address, owner=owner, idempotency_key=idempotency_key(step))
        try:
            made = await catalog.send_code(asked, summary="a code by mail")
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            raise DataError(
                f"No code was sent to {address}: {getattr(error.cause, 'message', error)}",
                code="monitors.code-not-sent",
            ) from error
        self._standing = rules.sent(self._standing, made, workflow.now())
