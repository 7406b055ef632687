"""Who signs a fund's NAV off, from which amount on, and what happens while nobody does."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, PositiveInt, model_validator

from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.tasks.request import Span
from tenuto.core.people import Who
from tenuto.core.records import Record

APPROVERS = "g:nav-approvers"
"""Who signs off where a fund says nothing else."""
TWO_ABOVE = Decimal(100_000_000)
"""NAV in base currency above which two people sign off where a fund says nothing else."""


class SignOffRoute(Record):
    """Who decides on a NAV above an amount, and how many of them."""

    above: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    """NAV in base currency; one on it is not above it."""
    need: PositiveInt = 1
    """How many different people must approve."""
    candidates: Annotated[tuple[Who, ...], Field(min_length=1)] = (APPROVERS,)
    escalate_to: tuple[Who, ...] = ()
    """Who may decide as well once the cut-off has passed; empty: it ends at the cut-off."""
    risk: Annotated[int, Field(ge=0, le=10)] = 5
    """What policy sees: the shipped rules want a fresh second factor from 7 on."""


_USUAL_ROUTES = (SignOffRoute(), SignOffRoute(above=TWO_ABOVE, need=2, risk=7))


class SignOff(Record):
    """How a fund's NAV is signed off."""

    routes: Annotated[tuple[SignOffRoute, ...], Field(min_length=1)] = _USUAL_ROUTES
    """From the smallest amount upwards; the first holds for everything below the second too."""
    remind: Annotated[tuple[Span, ...], Field(max_length=20)] = ()
    """How long after a result was shown people are reminded."""
    grace: Span = timedelta(hours=2)
    """How long after the cut-off those of `escalate_to` may still decide."""
    notify: tuple[Recipient, ...] = ()
    """Who is told that a result waits, and of every reminder and escalation."""
    preparers: tuple[Recipient, ...] = ()
    """Who is told why a NAV was rejected."""
    override_above: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    """Part of the NAV that people may value otherwise (carried and supplied prices) before a
    second person has to agree, in runs without sign-off; None: a signed word of one suffices."""

    @model_validator(mode="after")
    def _routes_rise(self) -> Self:
        starts = [route.above for route in self.routes]
        if starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError("sign_off: routes start at 0 and rise")
        return self

    def route_for(self, nav: Decimal) -> SignOffRoute:
        """The route of a NAV in base currency: the highest that it is above."""
        passed = [route for route in self.routes if nav > route.above]
        return passed[-1] if passed else self.routes[0]
