"""Where published events go besides the runs of the namespace: one HTTP endpoint, if any."""

import json
import os
from datetime import timedelta

from pydantic import JsonValue

from tenuto.activities import http
from tenuto.activities.in_the_clear import clear_text_host
from tenuto.activities.notify.identity import event_id
from tenuto.activities.notify.mode import capture, is_test_mode
from tenuto.activities.notify.redaction import hide_paths
from tenuto.activities.notify.webhook import post_webhook
from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import TenutoError, UsageError

SINK = "TENUTO_EVENTS_SINK"
"""URL that every published event is posted to, or the `secret://env/NAME` that holds it."""
SIGNING_SECRET = "TENUTO_EVENTS_SECRET"  # noqa: S105 (its name)
"""`secret://env/NAME` of the secret that events are signed with, after Standard Webhooks."""

_CONTENT_TYPE = "application/cloudevents+json"
_TIMEOUT = timedelta(seconds=10)
_MAX_ANSWER_BYTES = 64 * 1024


def post_to_sink(event: dict[str, JsonValue]) -> bool:
    """Posts `event` as it is (CloudEvents over HTTP, structured mode); False without a sink.

    In the test mode of notices it becomes a file of the outbox instead. Raises UsageError
    `events.sink-insecure` for a sink that would be reached without encryption, and as
    `post_webhook`, `http.request`, and `resolve_secret` do.
    """
    sink = os.environ.get(SINK, "").strip()
    if not sink:
        return False
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    identity = event_id(f"{event['source']}\n{event['id']}")
    if is_test_mode():
        capture(f"events/{identity}.json", body)
        return False
    is_secret = sink.startswith("secret://")
    url = resolve_secret(sink).get_secret_value() if is_secret else sink
    try:
        _post(url, identity, body)
    except TenutoError as failure:
        if is_secret:
            hide_paths(failure)
        raise
    return True


def _post(url: str, identity: str, body: bytes) -> None:
    secret = os.environ.get(SIGNING_SECRET, "").strip()
    if secret:
        key = resolve_secret(secret)
        post_webhook(url, event_id=identity, body=body, secret=key, content_type=_CONTENT_TYPE)
    else:
        _post_unsigned(url, identity, body)


def _post_unsigned(url: str, identity: str, body: bytes) -> None:
    host = clear_text_host(url)
    if host is not None:
        raise UsageError(
            f"events would be sent to {host} in the clear; use https:// in {SINK} (http:// is for "
            "loopback addresses only)",
            code="events.sink-insecure",
        )
    http.request(
        "POST",
        url,
        headers={"content-type": _CONTENT_TYPE, "idempotency-key": identity},
        body=body,
        timeout=_TIMEOUT,
        max_bytes=_MAX_ANSWER_BYTES,
        max_redirects=0,
    )
