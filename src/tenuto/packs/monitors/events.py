"""What a webhook is posted: the monitor, its check, and what was found."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from tenuto.catalog.library.notify.requests import SecretReference
from tenuto.core.records import Record
from tenuto.packs.monitors.models import Source


class EventTask(Record):
    """The monitor, as a webhook tells it."""

    id: str
    name: str
    search_query: str
    condition_description: str


class EventExecution(Record):
    """The check, as a webhook tells it."""

    id: str
    condition_met: bool
    change_summary: str
    completed_at: AwareDatetime


class EventResult(Record):
    """What was found, as a webhook tells it."""

    answer: str
    grounding_sources: tuple[Source, ...]


class EventData(Record):
    """What a webhook is about."""

    task: EventTask
    execution: EventExecution
    result: EventResult


class PostEventRequest(Record):
    """One event to one webhook."""

    url: str
    secrets: Annotated[tuple[SecretReference, ...], Field(max_length=2)] = ()
    """As `WebhookNotice` has them."""
    event_type: Literal["task.condition_met", "task.test"] = "task.condition_met"
    occurred_at: AwareDatetime
    """`created_at` of the event: the same for every attempt."""
    data: EventData
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
    """The event's id is made of it: the same for every attempt."""
