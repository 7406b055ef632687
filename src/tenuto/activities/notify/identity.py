"""The names by which a receiver recognises that it has had a message before."""

import hashlib


def event_id(idempotency_key: str) -> str:
    """`msg_` and 64 hexadecimal digits: safe in a header, a file name, and a signature."""
    return "msg_" + _digest(idempotency_key)


def message_id(idempotency_key: str, domain: str) -> str:
    """A Message-ID (RFC 5322, 3.6.4) with angle brackets, the same for every attempt."""
    return f"<{event_id(idempotency_key)}@{domain}>"


def short_reference(idempotency_key: str) -> str:
    """Eight hexadecimal digits for people to compare."""
    return _digest(idempotency_key)[:8]


def _digest(idempotency_key: str) -> str:
    return hashlib.sha256(idempotency_key.encode()).hexdigest()
