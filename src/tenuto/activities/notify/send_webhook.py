"""`notify.webhook`: one signed event for one program."""

import json

from tenuto.activities.notify.identity import event_id
from tenuto.activities.notify.mode import capture, is_test_mode
from tenuto.activities.notify.receipts import captured, counted_attempts, delivered, once
from tenuto.activities.notify.redaction import hide_paths
from tenuto.activities.notify.webhook import post_webhook
from tenuto.activities.secrets import resolve_secret
from tenuto.catalog import implements
from tenuto.catalog.library.notify import catalog
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.catalog.library.notify.requests import WebhookRequest
from tenuto.core.errors import TenutoError


@implements(catalog.webhook)
def webhook(request: WebhookRequest) -> DeliveryReceipt:
    """The receipt of an event that the receiver answered with 200 to 299, within 10 seconds.

    Raises what `post_webhook` and `resolve_secret` raise.
    """
    with counted_attempts():
        identifier = event_id(request.idempotency_key)
        body = event_body(request)
        if is_test_mode():
            url = capture(f"webhook/{identifier}.json", body)
            return captured(request.url, "webhook", url, identifier)
        return once(lambda: _post(request, identifier, body))


def event_body(request: WebhookRequest) -> bytes:
    """`{"type", "timestamp", "data"}` as Standard Webhooks asks for; equal events, equal bytes."""
    event = {
        "type": request.type,
        "timestamp": request.occurred_at.isoformat().replace("+00:00", "Z"),
        "data": request.data,
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _post(request: WebhookRequest, identifier: str, body: bytes) -> DeliveryReceipt:
    is_secret = request.url.startswith("secret://")
    url = resolve_secret(request.url).get_secret_value() if is_secret else request.url
    secret, *others = (resolve_secret(each) for each in request.secrets)
    try:
        status = post_webhook(
            url, event_id=identifier, body=body, secret=secret, other_secrets=others
        )
    except TenutoError as failure:
        if is_secret:
            hide_paths(failure)
        raise
    return delivered(request.url, "webhook", f"HTTP {status}", identifier)
