"""Who is to be told, and what: independent of the channel that carries it."""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from tenuto.catalog.library.notify.receipts import Channel
from tenuto.catalog.library.notify.requests import EventType, SecretReference
from tenuto.core.records import Record
from tenuto.core.references import Document


class Recipient(Record):
    """One person, channel, or program."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """As receipts call it; different for each recipient of a message."""
    channel: Channel
    target: str = ""
    """E-mail address, telephone number, webhook URL, folder, or for chat the reference of the
    service's URL, `secret://env/NAME`; empty takes the worker's default, if the channel has
    one."""
    secrets: Annotated[tuple[SecretReference, ...], Field(max_length=4)] = ()
    """What a webhook is signed with."""

    @model_validator(mode="after")
    def _fits_its_channel(self) -> Self:
        if self.channel == "webhook" and not (self.target and self.secrets):
            raise ValueError(
                f"the webhook of {self.name!r} needs a target and `secrets: [secret://env/NAME]`"
            )
        if self.channel == "chat" and self.target and not self.target.startswith("secret://env/"):
            raise ValueError(
                f"the chat target of {self.name!r} may hold a token and is not kept here; put "
                "it into an environment variable of the worker and write secret://env/NAME"
            )
        return self


class Message(Record):
    """What recipients are told; every channel takes of it what it can carry."""

    subject: Annotated[str, StringConstraints(min_length=1, max_length=250)]
    text: Annotated[str, StringConstraints(min_length=1)]
    html: str | None = None
    """For e-mail."""
    images: tuple[Document, ...] = ()
    """For e-mail: pictures that `html` shows as `cid:<name>`."""
    is_markup: bool = False
    """For chat: `text` is in the service's own markup."""
    short: str = ""
    """For telephones, in place of subject and text."""
    level: Literal["info", "success", "warning", "failure"] = "info"
    """For chat."""
    attachments: tuple[Document, ...] = ()
    """For e-mail and folders."""
    type: EventType = "tenuto.notice"
    """For webhooks: what happened."""
    data: dict[str, JsonValue] = Field(default_factory=dict)
    """For webhooks: the facts, besides subject and text."""
