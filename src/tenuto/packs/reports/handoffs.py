"""What the steps of a report pass on: references and small facts, never rows."""

from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints

from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.storms import Audience, StormRule
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document
from tenuto.packs.reports.models import Channel, Level, RunReportRequest


class OpenRequest(Record):
    """Which report, and the moment that `yesterday` is counted from."""

    request: RunReportRequest
    due: AwareDatetime


class StormGuarding(Record):
    """How much a report's channel hears of it."""

    audience: Audience
    rule: StormRule


class Opened(Record):
    """A report as it was when the run began: later edits change nothing for the run."""

    bundle: Document
    """The report with its files."""
    params: dict[str, JsonValue]
    channels: tuple[Channel, ...]
    recipients: dict[Channel, tuple[Recipient, ...]]
    guards: dict[Channel, StormGuarding] = Field(default_factory=dict)
    """Channels whose storm guard is asked before anything is sent."""


class CheckChannelRequest(Record):
    """Whom a channel is to reach."""

    channel: Channel
    recipients: tuple[Recipient, ...]


class ChannelReady(Record):
    """Everything that sending needs is configured on this worker."""

    channel: Channel


class QueryRequest(Record):
    """A report and its parameters."""

    bundle: Document
    params: dict[str, JsonValue]


class Queried(Record):
    """Query -> its rows."""

    tables: dict[str, Dataset]


class RenderRequest(Record):
    """A report, its parameters, and its rows, for one channel."""

    bundle: Document
    params: dict[str, JsonValue]
    tables: dict[str, Dataset]
    channel: Channel


class RenderedChannel(Record):
    """What a channel is told, and the same as files."""

    message: Message
    documents: tuple[Document, ...]
    digest: str
    """Of everything that was rendered: equal content, equal digest."""


class AlertRequest(Record):
    """One alert for one channel."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    message: str
    level: Level = "error"
    details: dict[str, JsonValue] = Field(default_factory=dict)
    """Facts, shown as a list of names and values."""
    source: str = ""
    """What the alert is about, for example `sync of orders`."""
    channel: Channel


class RenderedAlert(Record):
    """The alert in the form of its channel."""

    message: Message
