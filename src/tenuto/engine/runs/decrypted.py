"""Payloads anywhere in a protocol message, and the bytes they hold once they are decrypted."""

from collections.abc import Iterator

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.converter import DataConverter

from tenuto.engine.encryption import ENCODING, KEY_ID


def payloads_in(message: Message) -> Iterator[Payload]:
    """Every payload in a protocol message, at any depth, as it was sent."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for each in _messages(value):
                yield from payloads_in(each)


def is_plain(payload: Payload) -> bool:
    """Whether its bytes are the value's own: neither encrypted nor moved to the store."""
    return payload.metadata.get("encoding") != ENCODING and not payload.external_payloads


def names_no_key(payload: Payload) -> bool:
    """Whether it claims to be encrypted, and by no key: nobody can read it, nobody wrote it."""
    return payload.metadata.get("encoding") == ENCODING and not payload.metadata.get(KEY_ID)


async def decrypted(payload: Payload, converter: DataConverter) -> bytes:
    """The value's own bytes, fetched where they lie outside and decrypted.

    Raises what the converter raises for a payload that cannot be read.
    """
    [raw] = await converter.decode([payload], [RawValue])
    return bytes(raw.payload.data)


def _messages(value: object) -> Iterator[Message]:
    if isinstance(value, Message):
        yield value
    elif hasattr(value, "values"):  # a map
        yield from (each for each in value.values() if isinstance(each, Message))
    else:
        yield from (each for each in value if isinstance(each, Message))  # type: ignore[attr-defined]
