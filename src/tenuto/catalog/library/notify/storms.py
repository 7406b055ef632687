"""What the storm guard is asked and answers, and what it remembers."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt, StringConstraints

from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.notify.requests import IdempotencyKey
from tenuto.core.records import Record

Audience = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}$")]
"""Who shares one guard, for example `slack/operations`."""

Topic = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""What the message is about, for example `pricing failed for ATLAS`; a repetition within the
window is held back."""


class StormRule(Record):
    """How much an audience hears."""

    window: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=7))] = timedelta(hours=1)
    cap: PositiveInt = 5
    """Messages in one window, whatever they are about; the digest comes on top."""


class AdmitRequest(Record):
    """May this message be sent?"""

    audience: Audience
    topic: Topic
    recovered: bool = False
    """The topic is over: said once if its failure was told, and never if not."""
    rule: StormRule = StormRule()
    recipients: Annotated[tuple[Recipient, ...], Field(max_length=50)] = ()
    """Who gets the digest of what was held back."""
    idempotency_key: IdempotencyKey
    """The same question twice gets the same answer and counts once."""


class Admission(Record):
    """The guard's answer."""

    decision: Literal["send", "suppressed"]
    suppressed: NonNegativeInt = 0
    """Messages on this topic that were held back and that no digest has told yet."""
    since: AwareDatetime | None = None
    """When the first of them was held back."""
    until: AwareDatetime | None = None
    """When the window ends and the digest comes."""


class TopicState(Record):
    """One topic in the current window."""

    seen: bool = True
    """It occurred in this window."""
    told: bool = False
    """Recipients have heard of it, by a message or a digest."""
    suppressed: NonNegativeInt = 0
    since: AwareDatetime | None = None


class Decided(Record):
    """An answer already given."""

    key: str
    admission: Admission


class GuardState(Record):
    """Everything a guard knows; it travels along when the run continues as new."""

    window_ends: AwareDatetime
    rule: StormRule
    recipients: tuple[Recipient, ...] = ()
    sent: NonNegativeInt = 0
    """Messages let through in this window."""
    topics: dict[str, TopicState] = Field(default_factory=dict)
    decided: tuple[Decided, ...] = ()
    total_sent: NonNegativeInt = 0
    total_suppressed: NonNegativeInt = 0
    digests: NonNegativeInt = 0


class StormGuardRequest(Record):
    """A guard for one audience."""

    audience: Audience
    state: GuardState | None = None
    """Left empty by who starts it; a continued run brings what it knew."""


class StormGuardResult(Record):
    """What a guard did until nothing more happened."""

    sent: NonNegativeInt
    suppressed: NonNegativeInt
    digests: NonNegativeInt
