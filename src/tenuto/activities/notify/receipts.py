"""Receipts as the bodies write them, with the number of the attempt and the time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from tenuto.catalog.library.notify.receipts import Channel, DeliveryReceipt
from tenuto.core.errors import TenutoError


def delivered(
    recipient: str, channel: Channel, detail: str, message_id: str = ""
) -> DeliveryReceipt:
    """The receiver took it, just now."""
    return DeliveryReceipt(
        recipient=recipient,
        channel=channel,
        outcome="delivered",
        detail=detail,
        attempts=activity.info().attempt,
        delivered_at=datetime.now(UTC),
        message_id=message_id,
    )


def captured(recipient: str, channel: Channel, url: str, message_id: str = "") -> DeliveryReceipt:
    """Test mode wrote it to `url` and sent nothing."""
    return DeliveryReceipt(
        recipient=recipient,
        channel=channel,
        outcome="captured",
        detail=f"test mode: {url}",
        attempts=activity.info().attempt,
        message_id=message_id,
    )


def failed(recipient: str, channel: Channel, detail: str, message_id: str = "") -> DeliveryReceipt:
    """The receiver refused it for good."""
    return DeliveryReceipt(
        recipient=recipient,
        channel=channel,
        outcome="failed",
        detail=detail,
        attempts=activity.info().attempt,
        message_id=message_id,
    )


def skipped(channel: Channel, setting: str, *, recipient: str = "(default)") -> DeliveryReceipt:
    """Nothing was tried, because `setting` is not set on this worker."""
    return DeliveryReceipt(
        recipient=recipient,
        channel=channel,
        outcome="skipped",
        detail=f"not configured: set {setting} on the worker",
        attempts=0,
    )


@contextmanager
def counted_attempts() -> Iterator[None]:
    """Adds the number of this attempt to the details of an error of ours."""
    try:
        yield
    except TenutoError as failure:
        failure.details["attempts"] = activity.info().attempt
        raise


def once(send: Callable[[], DeliveryReceipt]) -> DeliveryReceipt:
    """The receipt of `send`, or that of an earlier attempt that was sent and then lost its worker.

    The receipt goes to the engine as a heartbeat, at once, before the completion does.
    """
    details: Any = activity.info().heartbeat_details
    if details and isinstance(details[0], dict):
        return DeliveryReceipt.model_validate(details[0])
    receipt = send()
    activity.heartbeat(receipt.model_dump(mode="json"))
    return receipt
