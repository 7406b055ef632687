"""What each channel needs to deliver one logical message."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints

from tenuto.core.records import Record
from tenuto.core.references import Document

IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
"""Names one logical message to one audience: made of run and step, the same for every attempt,
never used for another message. `tenuto.workflows.notices.idempotency_key` makes one."""

SecretReference = Annotated[
    str, StringConstraints(pattern=r"^secret://env/[A-Za-z_][A-Za-z0-9_]*$")
]
"""`secret://env/NAME`: the environment variable `NAME` of the worker."""

EventType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$")]
"""What a webhook says has happened: words joined by full stops."""

MAX_ATTACHMENT_BYTES = 20 * 1024 * 1024


class SmtpServer(Record):
    """A mail server named in the request instead of in the worker's settings."""

    host: str
    """Must be public, or listed with its port in `TENUTO_HTTP_ALLOW`."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """By default 587 for `starttls`, 465 for `tls`, 25 for `plain`."""
    security: Literal["starttls", "tls", "plain"] = "starttls"
    """Upgrade after connecting, TLS from the first byte, or in the clear."""
    user: str | None = None
    password: SecretReference | None = None
    allow_plain_text: bool = False
    """Lets `plain` reach a host other than this machine; never with a password."""


class EmailRequest(Record):
    """One e-mail to one or more addresses, who see each other in its `To` line."""

    to: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    """Addresses such as `desk@example.com`; by default those in `TENUTO_NOTIFY_EMAIL_TO`."""
    subject: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    text: str
    html: str | None = None
    """The same in HTML; `text` is what readers without HTML see."""
    sender: str | None = None
    """`Fund desk <desk@example.com>`; by default `TENUTO_SMTP_FROM`."""
    reply_to: str | None = None
    attachments: tuple[Document, ...] = ()
    """Files from the artifact store, 20 MiB in all."""
    images: tuple[Document, ...] = ()
    """Pictures from the artifact store that `html` shows as `cid:<name>`; they count as
    attachments."""
    server: SmtpServer | None = None
    """By default the one in the `TENUTO_SMTP_*` settings."""
    idempotency_key: IdempotencyKey


class ChatRequest(Record):
    """One message to one channel or person of a chat service."""

    target: SecretReference | None = None
    """Where the service's URL is kept, for example `secret://env/SLACK_URL`; by default
    `TENUTO_NOTIFY_CHAT_URL`."""
    title: Annotated[str, StringConstraints(max_length=250)] = ""
    text: Annotated[str, StringConstraints(min_length=1)]
    """What is longer than the service takes is shortened, and says so."""
    is_markup: bool = False
    """`text` is in the service's own markup (Slack's mrkdwn, Markdown), and is sent as it is."""
    level: Literal["info", "success", "warning", "failure"] = "info"
    """Colour and icon, where the service has them."""
    idempotency_key: IdempotencyKey


class WebhookRequest(Record):
    """One event for a program, after Standard Webhooks 1.0."""

    url: str
    """`https://...`, or `secret://env/NAME` where the URL itself is a secret."""
    secrets: Annotated[tuple[SecretReference, ...], Field(min_length=1, max_length=4)]
    """The event is signed with each: two while the receiver changes over to a new secret."""
    type: EventType
    """What happened, for example `nav.released`."""
    occurred_at: AwareDatetime
    """When it happened; part of the signed body, so the same for every attempt."""
    data: dict[str, JsonValue] = Field(default_factory=dict)
    idempotency_key: IdempotencyKey


class SmsRequest(Record):
    """One text message to one telephone."""

    to: str = ""
    """E.164, for example `+442079460000`; by default `TENUTO_NOTIFY_SMS_TO`."""
    text: Annotated[str, StringConstraints(min_length=1)]
    max_segments: Annotated[int, Field(ge=1, le=10)] = 3
    """A longer text is refused: operators charge for every segment."""
    idempotency_key: IdempotencyKey


class FileRequest(Record):
    """Files in a folder that somebody else picks up from."""

    folder: str = ""
    """A path or fsspec URL; by default `TENUTO_NOTIFY_FOLDER`."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    """Subfolder of this message; one name never gets two contents."""
    documents: tuple[Document, ...] = ()
    """Files from the artifact store, each under its own name."""
    text: str = ""
    """Written last, as `message.txt`: whoever sees it can see everything else."""
    idempotency_key: IdempotencyKey
