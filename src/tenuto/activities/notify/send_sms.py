"""`notify.sms`: one text message to one telephone."""

import os

from tenuto.activities.notify.identity import event_id
from tenuto.activities.notify.mode import capture, is_test_mode
from tenuto.activities.notify.receipts import captured, counted_attempts, delivered, once, skipped
from tenuto.activities.notify.sms_providers import PROVIDER, is_configured, sms_provider
from tenuto.activities.notify.sms_text import Segments, count_segments, telephone
from tenuto.catalog import implements
from tenuto.catalog.library.notify import catalog
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.catalog.library.notify.requests import SmsRequest
from tenuto.core.errors import DataError

DEFAULT_TO = "TENUTO_NOTIFY_SMS_TO"


@implements(catalog.sms)
def sms(request: SmsRequest) -> DeliveryReceipt:
    """The receipt of a text message that the provider took.

    Raises DataError `notify.number-invalid`, `notify.sms-too-long`, and what the provider
    raises.
    """
    with counted_attempts():
        number = request.to or os.environ.get(DEFAULT_TO, "")
        if not number:
            return skipped("sms", DEFAULT_TO)
        to = telephone(number)
        segments = _affordable(request)
        identifier = event_id(request.idempotency_key)
        if is_test_mode():
            content = request.model_copy(update={"to": to}).model_dump_json(indent=2).encode()
            return captured(to, "sms", capture(f"sms/{identifier}.json", content), identifier)
        if not is_configured():
            return skipped("sms", PROVIDER, recipient=to)
        return once(lambda: _send(request, to, identifier, segments))


def _send(request: SmsRequest, to: str, identifier: str, segments: Segments) -> DeliveryReceipt:
    taken_as = sms_provider().send(to=to, text=request.text, message_id=identifier)
    detail = f"taken as {taken_as}, {segments.parts} segment(s) of {segments.alphabet}"
    return delivered(to, "sms", detail, identifier)


def _affordable(request: SmsRequest) -> Segments:
    segments = count_segments(request.text)
    if segments.parts > request.max_segments:
        raise DataError(
            f"the text takes {segments.parts} segments of {segments.alphabet} (limit "
            f"{request.max_segments}), so nothing was sent; shorten it, or raise `max_segments`",
            code="notify.sms-too-long",
        )
    return segments
