"""What a worker demands of the runs and messages that it serves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.worker import Interceptor

from tenuto.engine.permit_check import PermitOffice
from tenuto.engine.permits import PermitGuard
from tenuto.engine.settings import Settings
from tenuto.engine.ticket_guard import TicketGuard


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """By default nothing is demanded. What is signed is judged by the keys that the process trusts
    (`tenuto.identity.trust`), demanded or not."""

    is_demanded: bool = False
    """Whether policy is on: starts need a permit, updates a ticket."""
    since: datetime | None = None
    """Runs started before need no permit, nor does what they start."""

    def interceptors(self) -> list[Interceptor]:
        """What judges starts and messages, to stand before any other interceptor.

        Tickets first: one is used from the moment that its message was taken, also while the run
        that it is for waits to be judged.
        """
        return [
            TicketGuard(demands=self.is_demanded),
            PermitGuard(demands=self.is_demanded, since=self.since),
        ]

    def activities(self) -> list[Callable[..., Any]]:
        """The local activities that the interceptors call."""
        return [PermitOffice(is_on=self.is_demanded, since=self.since).check]


def admission_of(settings: Settings) -> Admission:
    """What the workers of this project demand."""
    return Admission(is_demanded=settings.policy_path is not None, since=settings.policy.since)
