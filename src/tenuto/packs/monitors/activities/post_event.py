"""`monitors.post_event`: one attempt at one webhook, and when the next one follows."""

from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from tenuto.activities.notify.mode import capture, is_test_mode
from tenuto.activities.notify.receipts import captured, counted_attempts, delivered, once
from tenuto.activities.notify.redaction import hide_paths
from tenuto.catalog import implements
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.errors import DataError, TenutoError, TransientError, UsageError
from tenuto.engine.project import current_settings
from tenuto.packs.monitors.catalog import post_event
from tenuto.packs.monitors.events import PostEventRequest
from tenuto.packs.monitors.webhooks import sending

NAME = "webhook"


@implements(post_event)
def post(request: PostEventRequest) -> DeliveryReceipt:
    """The receipt of an event that the receiver took, with 200 to 299 within 10 seconds.

    Raises UsageError, at once and for good, where the event must not be sent: another scheme than
    https, an address that is not public, no secret. Every other failure is a TransientError
    `monitors.webhook-refused` with the pause of the settings, and after the last of them a
    DataError of that code.
    """
    identifier = sending.delivery_id(request.idempotency_key, request.url)
    with counted_attempts():
        if is_test_mode():
            file = capture(f"{NAME}/{identifier}.json", sending.event_body(request))
            return captured(NAME, "webhook", file, identifier)
        return once(lambda: _attempt(request, identifier))


def _attempt(request: PostEventRequest, identifier: str) -> DeliveryReceipt:
    settings = current_settings()
    try:
        status = sending.post(request, keys=settings.keys_path, now=datetime.now(UTC))
    except TenutoError as failed:
        # A URL's path is where services put their tokens.
        hide_paths(failed)
        if isinstance(failed, UsageError) or failed.code.startswith("keys."):
            raise
        raise _judged(failed, settings.monitors.webhook_retries_s) from None
    return delivered(NAME, "webhook", f"HTTP {status}", identifier)


def _judged(failed: TenutoError, pauses: tuple[float, ...]) -> TenutoError:
    attempt = activity.info().attempt
    details: dict[str, Any] = {
        "cause_code": failed.code,
        **{name: failed.details[name] for name in ("status",) if name in failed.details},
    }
    said = f"Attempt {attempt} at the webhook failed: {failed.message}"
    if attempt > len(pauses):
        return DataError(
            f"{said}. It was the last one; correct the receiver, and run the monitor by hand.",
            code="monitors.webhook-refused",
            details=details,
        )
    asked = float(failed.details.get("retry_after_s") or 0)
    details["retry_after_s"] = max(pauses[attempt - 1], asked)
    return TransientError(said, code="monitors.webhook-refused", details=details)
