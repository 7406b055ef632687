"""The ticket of the message that is being handled now, for validators and handlers."""

from contextvars import ContextVar

from tenuto.core.errors import PolicyDenied
from tenuto.identity.ticket import Ticket

handled: ContextVar[Ticket | None] = ContextVar("tenuto_handled_ticket", default=None)
"""Set by the worker's guard: in a validator after the ticket was verified, in a handler from the
recorded header without verifying it again."""


def current_ticket() -> Ticket:
    """The ticket of this message. Raises PolicyDenied `ticket.missing` where it has none."""
    ticket = handled.get()
    if ticket is None:
        raise PolicyDenied(
            "This needs a signed ticket and came without one. Send it through Tenuto"
            " (`tenuto tasks`, `tenuto update`, the API), which asks policy and signs.",
            code="ticket.missing",
        )
    return ticket
