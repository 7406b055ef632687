"""Histories of the ledger as people read them: JSON, decrypted where the key is still there."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History
from temporalio.converter import PayloadCodec

from tenuto.core.errors import TenutoError
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry


def history_of(ledger: Ledger, run: Entry) -> History:
    """The history that the record of a run speaks of. Raises as `Ledger.blob`."""
    return History.FromString(ledger.blob(run.blobs[0]))


async def readable(history: History, codec: PayloadCodec | None) -> dict[str, Any]:
    """The history as JSON; values that cannot be decrypted say why."""
    copy = History()
    copy.CopyFrom(history)
    for payload in _payloads(copy):
        await _decrypt(payload, codec)
    told: dict[str, Any] = _plain(MessageToDict(copy))
    return told


async def _decrypt(payload: Payload, codec: PayloadCodec | None) -> None:
    if codec is None:
        return
    try:
        (decoded,) = await codec.decode([payload])
    except TenutoError as problem:
        unread = json.dumps({"unreadable": problem.message, "code": problem.code}).encode()
        decoded = Payload(metadata={"encoding": b"json/plain"}, data=unread)
    payload.CopyFrom(decoded)


def _payloads(message: Message) -> Iterator[Payload]:
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for each in _messages(field, value):
            yield from _payloads(each)


def _messages(field: Any, value: Any) -> list[Message]:
    if field.message_type.GetOptions().map_entry:
        return [each for each in value.values() if isinstance(each, Message)]
    return list(value) if field.is_repeated else [value]


def _plain(value: Any) -> Any:
    """The same with payloads as the values they hold."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) <= {"metadata", "data", "externalPayloads"} and "metadata" in value:
        return _value(value)
    return {key: _plain(each) for key, each in value.items()}


def _value(payload: dict[str, Any]) -> Any:
    metadata = payload["metadata"]
    encoding = base64.b64decode(metadata.get("encoding", "")) if isinstance(metadata, dict) else b""
    data = base64.b64decode(payload.get("data", ""))
    if encoding == b"binary/null":
        return None
    if encoding.startswith(b"json/"):
        try:
            return json.loads(data)
        except ValueError:
            return payload
    return payload
