"""What became of one message to one recipient: the same form for every channel."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, NonNegativeInt

from tenuto.core.records import Record

Channel = Literal["email", "chat", "sms", "webhook", "file"]

Outcome = Literal["delivered", "captured", "skipped", "suppressed", "failed"]
"""`delivered`: the receiving server took it. `captured`: test mode, written to the outbox and sent
nowhere. `skipped`: nothing is configured, `detail` names the setting. `suppressed`: the storm
guard held it back. `failed`: every attempt failed, `detail` says why."""


class DeliveryReceipt(Record):
    """What became of one message to one recipient."""

    recipient: str
    """Name or address; never a secret."""
    channel: Channel
    outcome: Outcome
    detail: str
    """What the receiver answered, or why there is no delivery."""
    attempts: NonNegativeInt
    delivered_at: AwareDatetime | None = None
    """When the receiver took it, UTC; None unless the outcome is `delivered`."""
    message_id: str = ""
    """What the receiver can recognise a repetition by; the same for every attempt."""


class EmailReceipts(Record):
    """One receipt for each address of an e-mail, in the order of the request."""

    receipts: Annotated[tuple[DeliveryReceipt, ...], Field(min_length=1)]
