"""How an event is signed, and how its receiver makes sure of it.

    X-Tenuto-Signature: t=<unix seconds>,v1=<HMAC-SHA256 in hexadecimal of "<t>.<body>">

While a secret is exchanged there is a `v1` for the old and one for the new. This module needs
nothing but the standard library and Tenuto's errors, so that receivers can import it.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from tenuto.core.errors import DataError, UsageError

EVENT = "X-Tenuto-Event"
SIGNATURE = "X-Tenuto-Signature"
DELIVERY = "X-Tenuto-Delivery"
TIMESTAMP = "X-Tenuto-Timestamp"

TOLERANCE_S = 300
"""A message that is older, or from further in the future, is refused."""

_LONGEST_HEADER = 2_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


def signature(body: bytes, timestamp: int, secrets: Sequence[str]) -> str:
    """The value of `X-Tenuto-Signature` for a body sent at `timestamp`, with one `v1` a secret."""
    signed = [f"v1={_digest(body, str(timestamp), secret)}" for secret in secrets]
    return ",".join([f"t={timestamp}", *signed])


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance_s: int = TOLERANCE_S,
    now: float | None = None,
) -> dict[str, Any]:
    """The event, if its signature is one of ours and no older than `tolerance_s`.

    `body` are the bytes as they came, `secrets` one secret or the old and the new one, `now` Unix
    seconds. The names of `headers` may be written in any case. An event can come more than once,
    always with the same `X-Tenuto-Delivery`.

    Raises DataError: `monitors.signature-missing`, `monitors.signature-unreadable`,
    `monitors.signature-old`, `monitors.signature-wrong`, `monitors.event-unreadable`; UsageError
    `monitors.no-secret` where there is no secret to verify with.
    """
    known = [secrets] if isinstance(secrets, str) else list(secrets)
    if not known or not all(known):
        raise UsageError(
            "There is no secret to verify a webhook with, so it was refused. Give the secret that"
            " Tenuto made for this URL.",
            code="monitors.no-secret",
        )
    timestamp, digests = _read(_header(headers))
    moment = time.time() if now is None else now  # noqa: TID251 (the receiver's clock)
    if abs(moment - int(timestamp)) > tolerance_s:
        raise DataError(
            f"The webhook was signed {moment - int(timestamp):.0f} seconds ago, and at most"
            f" {tolerance_s} are accepted, so it was refused. Check both clocks.",
            code="monitors.signature-old",
        )
    expected = [_digest(body, timestamp, secret).encode() for secret in known]
    # Every pair is compared, so that time tells nothing of which one fits.
    fits = [hmac.compare_digest(each.encode(), mine) for each in digests for mine in expected]
    if not any(fits):
        raise DataError(
            "The webhook's signature was not made with this secret, or its body was changed, so it"
            " was refused. Verify the bytes as they came, before they are parsed.",
            code="monitors.signature-wrong",
        )
    return _event(body)


def _header(headers: Mapping[str, str]) -> str:
    for name, value in headers.items():
        if name.lower() == SIGNATURE.lower():
            return value
    raise DataError(
        f"The webhook has no header {SIGNATURE}, so it was refused.",
        code="monitors.signature-missing",
    )


def _read(value: str) -> tuple[str, list[str]]:
    parts = [part.strip().partition("=") for part in value[:_LONGEST_HEADER].split(",")]
    moments = [given for name, _, given in parts if name == "t"]
    digests = [given for name, _, given in parts if name == "v1" and _DIGEST.fullmatch(given)]
    if len(moments) != 1 or not _SECONDS.fullmatch(moments[0]) or not digests:
        raise DataError(
            f"The webhook's {SIGNATURE} cannot be read, so it was refused; expected"
            " t=<seconds>,v1=<64 hexadecimal digits>.",
            code="monitors.signature-unreadable",
        )
    return moments[0], digests


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise _unreadable() from wrong
    if not isinstance(event, dict):
        raise _unreadable()
    return event


def _unreadable() -> DataError:
    return DataError(
        "The webhook's body is signed and is no JSON object, so it was refused.",
        code="monitors.event-unreadable",
    )


def _digest(body: bytes, timestamp: str, secret: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
