"""`events.publish`: one CloudEvent to the sink, and to the runs that listen for it."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, model_validator

from tenuto.core.records import Record

EVENT_SIGNAL = "event"
"""The signal by which a run is told of an event; its argument is the event as JSON."""
AWAITS_ATTRIBUTE = "TenutoAwaits"
"""The search attribute, a keyword list, with the types of event that a run listens for."""

_Word = Annotated[str, Field(min_length=1, max_length=1024)]


class CloudEvent(Record):
    """An event after CloudEvents 1.0; further attributes are kept as they are."""

    model_config = ConfigDict(extra="allow")

    id: _Word
    """`source` and `id` together name the event: who has seen the pair has seen the event."""
    source: _Word
    type: _Word
    """Begins with a letter or digit and has at most 128 letters, digits, and `. _ : @ / + -`."""
    specversion: Literal["1.0"] = "1.0"
    time: AwareDatetime | None = None
    subject: _Word | None = None
    """The workflow id of an open run sends the event to that run alone."""
    datacontenttype: str | None = None
    dataschema: str | None = None
    data: JsonValue = None


class PublishRequest(Record):
    """The event to publish."""

    event: dict[str, JsonValue]
    """As JSON, every attribute as its receivers are to see it: a `CloudEvent`."""

    @model_validator(mode="after")
    def _is_cloud_event(self) -> "PublishRequest":
        CloudEvent.model_validate(self.event)
        return self


class Published(Record):
    """Who was told."""

    event: dict[str, JsonValue]
    delivered_to: tuple[str, ...] = ()
    """Workflow ids of the runs that were sent the event, sorted."""
    sink: bool = False
    """Whether a sink is configured and took the event."""
