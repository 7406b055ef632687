"""One event to one URL: its body, its headers, and what the receiver says."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
from pydantic import SecretStr

from tenuto.activities import http
from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import UsageError
from tenuto.packs.monitors.events import (
    EventData,
    EventExecution,
    EventResult,
    EventTask,
    PostEventRequest,
)
from tenuto.packs.monitors.webhooks import signature
from tenuto.packs.monitors.webhooks.secrets import WebhookSecrets

TIMEOUT = timedelta(seconds=10)
_MOST_ANSWER_BYTES = 64 * 1024


def event_id(idempotency_key: str) -> str:
    """`evt_` and 32 hexadecimal digits: the same for every attempt and every receiver."""
    return "evt_" + sha256(idempotency_key.encode()).hexdigest()[:32]


def delivery_id(idempotency_key: str, url: str) -> str:
    """`dlv_` and 32 hexadecimal digits: the same for every attempt at one receiver."""
    return "dlv_" + sha256(f"{idempotency_key}\n{url}".encode()).hexdigest()[:32]


def event_body(request: PostEventRequest) -> bytes:
    """The event as JSON; equal events, equal bytes."""
    created_at = request.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    event = {
        "id": event_id(request.idempotency_key),
        "event_type": request.event_type,
        "created_at": created_at,
        "object": "event",
        "api_version": "v1",
        "data": request.data.model_dump(mode="json"),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def post(request: PostEventRequest, *, keys: Path, now: datetime) -> int:
    """Sends the event signed, and returns the receiver's status, 200 to 299.

    Redirects are not followed. Raises UsageError `monitors.webhook-insecure` unless the URL is
    https, and what `resolve_secret`, `read_ring`, and `tenuto.activities.http.request` raise.
    """
    url = checked_url(request.url)
    moment = int(now.timestamp())
    body = event_body(request)
    signed_with = [each.get_secret_value() for each in _secrets(request, url, keys, now)]
    answer = http.request(
        "POST",
        url,
        headers={
            "content-type": "application/json",
            signature.EVENT: request.event_type,
            signature.DELIVERY: delivery_id(request.idempotency_key, request.url),
            signature.TIMESTAMP: str(moment),
            signature.SIGNATURE: signature.signature(body, moment, signed_with),
        },
        body=body,
        timeout=TIMEOUT,
        max_bytes=_MOST_ANSWER_BYTES,
        max_redirects=0,
    )
    return answer.status


def send_test_event(url: str, *, keys: Path, now: datetime, name: str = "test") -> int:
    """Sends a signed event of type `task.test`, once, and returns the receiver's status.

    Raises as `post` does. It is signed as events for this URL will be.
    """
    data = EventData(
        task=EventTask(id=name, name=name, search_query="A test.", condition_description="A test."),
        execution=EventExecution(
            id="test", condition_met=True, change_summary="This is a test.", completed_at=now
        ),
        result=EventResult(answer="This is a test.", grounding_sources=()),
    )
    request = PostEventRequest(
        url=url,
        event_type="task.test",
        occurred_at=now,
        data=data,
        idempotency_key=f"test/{now.isoformat()}",
    )
    return post(request, keys=keys, now=now)


def checked_url(given: str) -> str:
    """The URL itself, where it is given as `secret://env/NAME` as well.

    Raises UsageError `monitors.webhook-insecure` unless it is https, and as `resolve_secret`.
    """
    is_secret = given.startswith("secret://")
    url = resolve_secret(given).get_secret_value() if is_secret else given
    _refuse_plain_text(url)
    return url


def _secrets(
    request: PostEventRequest, url: str, keys: Path, now: datetime
) -> tuple[SecretStr, ...]:
    if request.secrets:
        return tuple(resolve_secret(each) for each in request.secrets)
    return WebhookSecrets(keys).of(url, now)


def _refuse_plain_text(url: str) -> None:
    try:
        scheme = httpx.URL(url).scheme
    except httpx.InvalidURL as wrong:
        raise UsageError(f"a URL cannot be read: {wrong}", code="http.url-invalid") from wrong
    if scheme != "https":
        raise UsageError(
            f"The webhook's URL begins with `{scheme}:`, and events are sent by https:// alone."
            " Correct the URL of the monitor's webhook.",
            code="monitors.webhook-insecure",
        )
