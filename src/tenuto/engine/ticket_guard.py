"""A worker interceptor that judges the ticket of every update before anything is recorded.

A ticket that is there must be genuine, for this message to this run, in time, and new. One that is
missing is refused where policy is on; where it is off, a workflow that wants to know who speaks
(`tenuto.identity.current`) refuses by itself.

Validators do not run on replay, so nothing here can change a recorded run. Handlers see the ticket
as it was recorded. A run that goes on with a fresh history takes along which tickets it has seen.
"""

import json
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from temporalio import workflow
from temporalio.worker import (
    ContinueAsNewInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from tenuto.core.errors import PolicyDenied
from tenuto.core.people import principal
from tenuto.engine.content import HEADER_CONTENT
from tenuto.engine.headers import header_payload, header_text
from tenuto.engine.validated_updates import validate_every_update
from tenuto.identity.current import current_ticket, handled
from tenuto.identity.signing import unverified, verified
from tenuto.identity.ticket import HEADER_TICKET, Ticket
from tenuto.identity.trust import trusted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

LEEWAY = timedelta(minutes=5)
"""How far the gate's clock and the server's may be apart."""
HEADER_USED = "tenuto-used-tickets"
"""Header of a run that goes on from another: the tickets it has seen that are still good."""


class TicketGuard(Interceptor):
    """Refuses updates with a bad ticket, and with `demands` also those without one."""

    def __init__(self, *, demands: bool = False) -> None:
        self._guard = _DemandingGuard if demands else _Guard

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 (the SDK's name)
    ) -> type[WorkflowInboundInterceptor]:
        """The class that wraps workflow execution."""
        return self._guard


class _Guard(WorkflowInboundInterceptor):
    demands = False

    def __init__(self, next: WorkflowInboundInterceptor) -> None:  # noqa: A002 (the SDK's name)
        super().__init__(next)
        self._used: dict[str, float] | None = None

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        validate_every_update(self.next)
        self.next.init(_Outbound(outbound, self))

    def handle_update_validator(self, input: HandleUpdateInput) -> None:  # noqa: A002
        ticket = self._judged(input) if HEADER_TICKET in input.headers else None
        with _handling(ticket):
            if self.demands:
                current_ticket()
            self.next.handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        text = header_text(input.headers, HEADER_TICKET)
        ticket = None if text is None else unverified(text, Ticket)
        if ticket:
            self.used[ticket.jti] = (ticket.exp + LEEWAY).timestamp()
        with _handling(ticket):
            return await self.next.handle_update_handler(input)

    @property
    def used(self) -> dict[str, float]:
        """Name of a ticket -> until when it would be good, in seconds since 1970."""
        if self._used is None:
            self._used = _used_before()
        return self._used

    def _judged(self, update: HandleUpdateInput) -> Ticket:
        ticket = verified(header_text(update.headers, HEADER_TICKET) or "", Ticket, trusted())
        _refuse_other_message(ticket, update)
        if ticket.jti in self.used:
            raise PolicyDenied("This ticket has been used already.", code="ticket.used")
        return ticket


class _DemandingGuard(_Guard):
    demands = True


class _Outbound(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, guard: _Guard) -> None:  # noqa: A002
        super().__init__(next)
        self._guard = guard

    def continue_as_new(self, input: ContinueAsNewInput) -> "NoReturn":  # noqa: A002
        now = workflow.now().timestamp()
        still_good = {jti: until for jti, until in self._guard.used.items() if until >= now}
        if still_good:
            text = header_payload(json.dumps(still_good))
            input.headers = {**input.headers, HEADER_USED: text}
        self.next.continue_as_new(input)


def _used_before() -> dict[str, float]:
    try:
        before = json.loads(header_text(workflow.info().headers, HEADER_USED) or "{}")
        return {str(jti): float(until) for jti, until in before.items()}
    except (ValueError, TypeError, AttributeError):
        return {}  # not from a worker of ours; what it says about tickets is of no use to anybody


@contextmanager
def _handling(ticket: Ticket | None) -> "Iterator[None]":
    token = handled.set(ticket)
    try:
        yield
    finally:
        handled.reset(token)


def _refuse_other_message(ticket: Ticket, update: HandleUpdateInput) -> None:
    run, now = workflow.info().workflow_id, workflow.now()
    if ticket.run not in (None, workflow.info().first_execution_run_id):
        raise PolicyDenied(
            f"This ticket is for another run that was called `{run}`, not for this one. Look at it"
            " again.",
            code="ticket.other-run",
        )
    if (ticket.act, ticket.task) != (update.update, run):
        raise PolicyDenied(
            f"This ticket is for `{ticket.act}` of `{ticket.task}`, not for `{update.update}` of"
            f" `{run}`.",
            code="ticket.other-message",
        )
    if ticket.ph != header_text(update.headers, HEADER_CONTENT):
        raise PolicyDenied(
            "This ticket was issued for another content of the message.",
            code="ticket.other-content",
        )
    if not ticket.iat - LEEWAY <= now <= ticket.exp + LEEWAY:
        raise PolicyDenied(
            f"This ticket was good until {ticket.exp:%Y-%m-%d %H:%M:%S} UTC; it is"
            f" {now:%Y-%m-%d %H:%M:%S} UTC. Ask again.",
            code="ticket.expired",
        )
    by = getattr(update.args[0], "by", None) if update.args else None
    if isinstance(by, str) and by.strip() and principal(by) != ticket.sub:
        raise PolicyDenied(
            f"The message says it comes from `{by}`, and its ticket was issued to `{ticket.sub}`.",
            code="ticket.other-person",
        )
