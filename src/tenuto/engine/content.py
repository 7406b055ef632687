"""Hashes of what a message carries, over the bytes that travel.

Sender and worker see the same bytes before encryption and after it, whatever models stand on
either side and however they change between two releases.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import Client

from tenuto.core.errors import TenutoError
from tenuto.engine.headers import header_payload
from tenuto.identity.ticket import hash_of

HEADER_CONTENT = "tenuto-content"
"""Header that the worker itself fills with the hash of what arrived; one that was sent is lost."""


def input_hash(payloads: Iterable[Payload]) -> str:
    """SHA-256 over encoding, length and bytes of each payload. Linear in the bytes, nothing parsed:
    inputs are large, and judged within a workflow task."""
    digest = hashlib.sha256()
    for payload in payloads:
        encoding = payload.metadata.get("encoding", b"")
        digest.update(b"%d %d " % (len(encoding), len(payload.data)) + encoding)
        digest.update(payload.data)
    return digest.hexdigest()


def message_hash(payloads: Iterable[Payload]) -> str:
    """`hash_of` the JSON values that the payloads hold.

    Raises ValueError, RecursionError, or UsageError for what is no JSON or has no canonical form.
    """
    return hash_of([_value(payload) for payload in payloads])


def write_content(
    headers: Any,
    signed_by: str,
    payloads: Iterable[Payload],
    hash_content: Callable[[Iterable[Payload]], str],
) -> None:
    """Writes the hash of what arrived into the message's `headers`, if header `signed_by` is there.

    Where there is no such hash, no header stays, and nothing that was signed fits.
    """
    if HEADER_CONTENT in headers:
        del headers[HEADER_CONTENT]
    if signed_by not in headers:
        return
    with suppress(ValueError, RecursionError, TenutoError):
        text = header_payload(hash_content(payloads))
        headers[HEADER_CONTENT].CopyFrom(text)


def sent_payloads(client: Client, arguments: Sequence[Any]) -> Sequence[Payload]:
    """The arguments as `client` sends them, before encryption."""
    return client.data_converter.payload_converter.to_payloads(list(arguments))


def _value(payload: Payload) -> Any:
    encoding = payload.metadata.get("encoding", b"")
    if encoding == b"binary/null":
        return None
    if encoding.startswith(b"json/"):
        return json.loads(payload.data)
    return {encoding.decode(errors="replace"): base64.b64encode(payload.data).decode()}
