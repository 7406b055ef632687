"""Signed webhooks after Standard Webhooks 1.0 (standardwebhooks.com), symmetric scheme `v1`.

The receiver recomputes the signature over `id.timestamp.body`, refuses old timestamps, and
ignores an id it has seen: so the id is the same for every attempt at one event.
"""

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from datetime import timedelta

from pydantic import SecretStr

from tenuto.activities import http
from tenuto.activities.http_guard import AllowedTargets
from tenuto.activities.in_the_clear import clear_text_host
from tenuto.core.errors import UsageError

TIMEOUT = timedelta(seconds=10)
MAX_ANSWER_BYTES = 64 * 1024

_EVENT_ID = re.compile(r"[A-Za-z0-9_:/-]{1,256}")


def post_webhook(
    url: str,
    *,
    event_id: str,
    body: bytes,
    secret: SecretStr,
    other_secrets: Sequence[SecretStr] = (),
    content_type: str = "application/json",
    allowed: AllowedTargets | None = None,
) -> int:
    """Sends `body` (JSON) signed, and returns the receiver's status, 200 to 299.

    It is signed with `other_secrets` too, so that a receiver may change from one to another at
    any moment. Redirects are not followed. Raises UsageError `notify.webhook-insecure` unless
    `url` is https or a loopback address, `notify.event-id-invalid`, `notify.secret-invalid`, and
    whatever `tenuto.activities.http.request` raises: any answer but a success is an error.
    """
    _refuse_plain_text(url)
    _refuse_ambiguous(event_id)
    moment = int(time.time())
    answer = http.request(
        "POST",
        url,
        headers={
            "content-type": content_type,
            "webhook-id": event_id,
            "webhook-timestamp": str(moment),
            "webhook-signature": " ".join(
                signature(event_id, moment, body, each) for each in (secret, *other_secrets)
            ),
        },
        body=body,
        timeout=TIMEOUT,
        max_bytes=MAX_ANSWER_BYTES,
        max_redirects=0,
        allowed=allowed,
    )
    return answer.status


def signature(event_id: str, timestamp: int, body: bytes, secret: SecretStr) -> str:
    """`v1,<base64 of HMAC-SHA256 over "event_id.timestamp.body">`; `timestamp` in Unix seconds.

    `secret` is `whsec_` and the base64 of 24 to 64 random bytes. Raises UsageError
    `notify.secret-invalid`.
    """
    signed = b".".join((event_id.encode(), str(timestamp).encode(), body))
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _key(secret: SecretStr) -> bytes:
    prefix, _, encoded = secret.get_secret_value().partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if prefix != "whsec" or not 24 <= len(key) <= 64:
        raise UsageError(
            "the webhook's secret is not in the form that Standard Webhooks prescribes; expected "
            "whsec_ followed by the base64 of 24 to 64 random bytes",
            code="notify.secret-invalid",
        )
    return key


def _refuse_plain_text(url: str) -> None:
    host = clear_text_host(url)
    if host is not None:
        raise UsageError(
            f"the webhook to {host} would be sent in the clear; use https:// (http:// is "
            "for loopback addresses only)",
            code="notify.webhook-insecure",
        )


def _refuse_ambiguous(event_id: str) -> None:
    if _EVENT_ID.fullmatch(event_id) is None:
        raise UsageError(
            f"the event id {event_id[:80]!r} cannot be signed without ambiguity; use up to 256 "
            "letters, digits, and any of _:/- (no full stop, which separates what is signed)",
            code="notify.event-id-invalid",
        )
