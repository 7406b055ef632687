"""What a report run is asked, and what came of it."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document

ReportName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""The name of a report's file or folder."""

Channel = Literal["email", "slack", "teams", "chat", "sms", "webhook", "file"]
"""What a report has a template for. `slack`, `teams`, and `chat` are chat services in the markup
that each takes."""

Level = Literal["error", "warning", "info"]
"""How grave an alert is."""


class RunReportRequest(Record):
    """Which report goes out, by which channel, about what."""

    report_name: ReportName
    channel: Channel | Literal["all"]
    """`all` is every channel that the report has a template for."""
    params: dict[str, JsonValue] = Field(default_factory=dict)
    """They win over the report's defaults; `date` is yesterday unless given."""
    send: bool = True
    """False renders and stores, and tells nobody."""


class ChannelOutcome(Record):
    """What became of a report in one channel."""

    channel: Channel
    rendered: tuple[Document, ...] = ()
    """Everything that was made for it: texts, pictures, attachments."""
    receipts: tuple[DeliveryReceipt, ...] = ()
    """One for each recipient; none where nothing was to be sent."""
    problem: str = ""
    """Why there was no delivery at all."""


class RunReportResult(Record):
    """What was asked, found, rendered, and delivered."""

    report_name: ReportName
    params: dict[str, JsonValue]
    """With the defaults merged in."""
    sent: bool
    tables: dict[str, Dataset]
    """Query -> its rows."""
    channels: tuple[ChannelOutcome, ...]
