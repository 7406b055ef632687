"""What a monitor is, what a check of it finds, and what is remembered from check to check."""

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    JsonValue,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    model_validator,
)

from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.catalog.library.notify.requests import SecretReference
from tenuto.core.records import Record
from tenuto.packs.monitors.timing import checked_schedule, checked_zone

Behavior = Literal["once", "always", "track_state"]
"""`once`: one notice, then the monitor is completed; `always`: at each check that meets the
condition; `track_state`: at a check that meets it and found something else than the one before."""

State = Literal["active", "paused", "completed"]

MonitorId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]
Usd = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", text):
        raise ValueError("is no e-mail address; write for example ann@example.com")
    return text


class ProviderConfig(Record):
    """Who looks, and with which model."""

    provider: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")] = "page"
    """`page` reads one web page and needs no model; the others search the web."""
    model: Annotated[str, StringConstraints(max_length=200)] = ""
    """As the provider names it; empty takes the worker's setting."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """What this provider needs besides, for example `url` of the page."""


class EmailNotice(Record):
    """An e-mail to one address."""

    type: Literal["email"] = "email"
    address: Annotated[str, StringConstraints(max_length=254), AfterValidator(_address)]


class WebhookNotice(Record):
    """A signed POST to one URL."""

    type: Literal["webhook"] = "webhook"
    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    """`https://...`, or `secret://env/NAME` where the URL itself is a secret."""
    secrets: Annotated[tuple[SecretReference, ...], Field(max_length=2)] = ()
    """What it is signed with; two while the receiver changes over to a new one. Empty takes the
    secret that this project made for the URL and keeps in its keys folder."""


Notice = Annotated[EmailNotice | WebhookNotice, Field(discriminator="type")]


class Watch(Record):
    """A question to the web, asked again and again, and who is told when its condition is met."""

    name: Name
    """Unique among the monitors of its owner."""
    search_query: Text
    condition_description: Text
    """When somebody is to be told, in words."""
    schedule: str
    """An exact distance such as `6 hours`, or cron with five fields; as it was written."""
    time_zone: str = "UTC"
    """Of cron, and of the times that are shown."""
    notify_behavior: Behavior = "once"
    config: ProviderConfig = ProviderConfig()
    notifications: tuple[Notice, ...] = ()
    """One e-mail and one webhook at most."""
    on_failure: Annotated[tuple[Recipient, ...], Field(max_length=10)] = ()
    """Who is told that checks fail, and that they work again; by default the e-mail address of
    `notifications`."""
    failures_before_alarm: Annotated[int, Field(ge=1, le=100)] = 3
    """Failed checks in a row before `on_failure` is told."""

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        kinds = [each.type for each in self.notifications]
        if len(set(kinds)) != len(kinds):
            raise ValueError("`notifications` may have one e-mail and one webhook at most")
        return self

    @model_validator(mode="after")
    def _plain_addresses(self) -> Self:
        for each in self.on_failure:
            if each.channel == "email" and each.target:
                try:
                    _address(each.target)
                except ValueError as wrong:
                    raise ValueError(f"`on_failure`: {each.target!r} {wrong}") from wrong
        return self

    @property
    def email(self) -> str | None:
        """The address that is written to."""
        found = [each.address for each in self.notifications if isinstance(each, EmailNotice)]
        return found[0] if found else None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that it may write to."""
        concerned = [each.target for each in self.on_failure if each.channel == "email"]
        return tuple(dict.fromkeys(each for each in (self.email, *concerned) if each))

    @property
    def webhook(self) -> WebhookNotice | None:
        """The webhook that is posted to."""
        found = [each for each in self.notifications if isinstance(each, WebhookNotice)]
        return found[0] if found else None


class Draft(Watch):
    """A monitor as people write it: checked before anything is kept."""

    schedule: Annotated[str, AfterValidator(checked_schedule)]
    time_zone: Annotated[str, AfterValidator(checked_zone)] = "UTC"


class Monitor(Watch):
    """A monitor as it is kept."""

    version: Literal[1] = 1
    id: MonitorId
    owner: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """The principal whose monitor it is, for example `u:ada`."""
    generation: PositiveInt = 1
    """How often it was opened: a reopened `once` monitor tells again."""

    @property
    def draft(self) -> Draft:
        """What people write of it."""
        return Draft.model_validate({name: getattr(self, name) for name in Watch.model_fields})


class Source(Record):
    """A page that an answer stands on."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
    """Where the page itself is; never the address of a redirect."""
    title: str = ""
    snippet: str = ""


class SchemaField(Record):
    """One thing about the answer that is compared from check to check."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    type: Literal["string", "number", "date", "bool", "enum"]
    description: str = ""
    options: tuple[str, ...] = ()
    """Of an `enum`."""


Schema = Annotated[tuple[SchemaField, ...], Field(max_length=5)]
"""Made once, at the first check, and kept."""


class Spent(Record):
    """What one step cost."""

    calls: NonNegativeInt = 0
    """Calls of a model."""
    input_tokens: NonNegativeInt = 0
    output_tokens: NonNegativeInt = 0
    usd: Usd | None = Decimal(0)
    """None where the price of the model is not known."""

    def plus(self, other: "Spent") -> "Spent":
        """Both together; an unknown price makes the sum unknown."""
        return Spent(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            usd=None if self.usd is None or other.usd is None else self.usd + other.usd,
        )


class LookRequest(Record):
    """Look: what does the web say to this question now?"""

    config: ProviderConfig
    search_query: Text
    condition_description: Text
    checked_at: AwareDatetime
    """The moment of this check."""
    last_checked_at: AwareDatetime | None = None
    """The last check that succeeded; context for the provider, never a limit on what it reports:
    everything that holds now is reported, whether or not it is new."""


class Finding(Record):
    """What was found."""

    answer: str
    """Two to four sentences, or the text of the page that was asked for."""
    sources: tuple[Source, ...] = ()
    """None makes the answer ungrounded, and nobody is told of it."""
    provider: str
    model: str = ""
    spent: Spent = Spent()
    details: dict[str, JsonValue] = Field(default_factory=dict)
    """What the provider's own judging needs besides, for example the values that it selected."""

    @property
    def is_grounded(self) -> bool:
        """Whether the answer stands on any source."""
        return bool(self.sources)


class JudgeRequest(Record):
    """Does the finding meet the condition, and which state does it describe?"""

    config: ProviderConfig
    search_query: Text
    condition_description: Text
    checked_at: AwareDatetime
    finding: Finding
    fields: Schema = ()
    """The known schema; empty lets it be made."""
    before: dict[str, JsonValue] | None = None
    """The state at the check before; None at the first. Only a condition that is itself about a
    change needs it, and at a first check such a condition is not met."""


class Judgement(Record):
    """Whether the condition is met, and the state that the finding describes."""

    condition_met: bool
    explanation: str
    """Why, in a sentence."""
    fields: Schema = ()
    state: dict[str, JsonValue] = Field(default_factory=dict)
    """A value for each field; null where the finding does not say."""
    spent: Spent = Spent()


class CompareRequest(Record):
    """Is what was found now something else than before?"""

    config: ProviderConfig
    search_query: Text
    fields: Schema
    before: dict[str, JsonValue]
    after: dict[str, JsonValue]


class Comparison(Record):
    """Whether it is something else."""

    changed: bool
    summary: str = ""
    """What changed, in a sentence; empty when nothing did."""
    state: dict[str, JsonValue]
    """What is known from now on, for the next check: what was found, and where an answer of the
    web does not say, what was known before."""
    method: Literal["hash", "fields", "semantic"]
    """Equal digests (no model asked), field by field, or by a model."""
    spent: Spent = Spent()


class Memory(Record):
    """What one check leaves for the next one; it lives in the result of the run."""

    fields: Schema = ()
    state: dict[str, JsonValue] = Field(default_factory=dict)
    condition_met: bool
    checked_at: AwareDatetime
    question: str
    """Digest of what was asked: with another question the state means nothing."""
    was_welcomed: bool = False
    """The first e-mail was sent, or needed not be."""
    told_generation: NonNegativeInt = 0
    """The generation of a `once` monitor whose notice was delivered."""
    is_owed: bool = False
    """A notice was due and reached nobody, because every channel failed."""


class CheckRequest(Record):
    """One check of a monitor."""

    monitor: Monitor
    memory: Memory | None = None
    """Given to checks that no schedule starts; the others know their predecessor."""
    is_preview: bool = False
    """Nobody is told, and nothing is kept."""


NoticeKind = Literal["welcome", "condition_met", "failing", "recovered"]


class NoticeSent(Record):
    """What became of one notice to one recipient."""

    kind: NoticeKind
    receipt: DeliveryReceipt


class CheckMetadata(Record):
    """How a check came to its summary."""

    changed: bool
    current_state: dict[str, JsonValue]
    fields: Schema = ()
    comparison_method: Literal["none", "hash", "fields", "semantic"]
    """`none` for a first check, and for an ungrounded answer."""


class CheckRecord(Record):
    """One check, as it went: the result of its run."""

    version: Literal[1] = 1
    monitor_id: MonitorId
    run: str
    """Workflow id of the run."""
    status: Literal["success", "skipped"] = "success"
    """`skipped`: the monitor was deleted meanwhile. A check that failed has no such record: its
    run failed."""
    started_at: AwareDatetime
    ended_at: AwareDatetime
    is_first: bool
    is_preview: bool = False
    is_grounded: bool = True
    condition_met: bool = False
    explanation: str = ""
    summary: str
    """What a person reads first: what changed, else the answer."""
    answer: str = ""
    sources: tuple[Source, ...] = ()
    actions: tuple[str, ...] = ()
    """What the check did besides looking, in words."""
    metadata: CheckMetadata
    notices: tuple[NoticeSent, ...] = ()
    spent: Spent = Spent()
    provider: str = ""
    memory: Memory | None = None
    """For the next check."""


class Standing(Record):
    """How a monitor stands while a check of it runs."""

    state: Literal["active", "paused", "completed", "deleted"]


class MonitorRequest(Record):
    """One monitor, by its id."""

    monitor_id: MonitorId


class CompleteRequest(Record):
    """A `once` monitor has told: it looks no more."""

    monitor_id: MonitorId
    generation: PositiveInt
    run: str
    """Workflow id of the check that told."""
