"""CloudEvents from an HTTP request: binary, structured, or a batch."""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import unquote

from pydantic import JsonValue

from tenuto.core.errors import DataError, UsageError
from tenuto.triggers.events.json_body import read_body, refuse_odd
from tenuto.workflows.interpreter.cloud_events import CloudEvent, read_event

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MOST_EVENTS = 100
"""Of one batch."""

Mode = Literal["binary", "structured", "batch"]

_PREFIX = "ce-"
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,64}")
_MEMBERS = ("data", "data_base64")


def mode_of(content_type: str) -> Mode:
    """How the request carries events, by its media type without parameters."""
    modes: dict[str, Mode] = {STRUCTURED: "structured", BATCH: "batch"}
    return modes.get(content_type, "binary")


def read_events(mode: Mode, body: bytes, headers: Mapping[str, str]) -> list[CloudEvent]:
    """Every event of a request; `headers` have names in lower case.

    Raises DataError `triggers.not-json`, `triggers.bad-event` naming what is wrong with which.
    """
    if mode == "binary":
        return [_checked(_binary(body, headers), 0)]
    value = read_body(body)
    if mode == "structured":
        return [_checked(value, 0)]
    if not isinstance(value, list) or not 0 < len(value) <= MOST_EVENTS:
        raise DataError(
            f"A batch is a list of 1 to {MOST_EVENTS} events. Send more in several.",
            code="triggers.bad-event",
        )
    return [_checked(each, at) for at, each in enumerate(value)]


def event_key(event: CloudEvent) -> str:
    """What tells two events apart: source and id, neither of which can be mistaken for both."""
    source, named = str(event["source"]), str(event["id"])
    return f"{len(source)}:{source}{named}"


def _binary(body: bytes, headers: Mapping[str, str]) -> dict[str, JsonValue]:
    event: dict[str, JsonValue] = {}
    for name, value in headers.items():
        if name.startswith(_PREFIX):
            event[name.removeprefix(_PREFIX)] = _decoded(value)
    if event.keys() & set(_MEMBERS):
        raise _bad(0, "`ce-data` is no attribute; the body is the data")
    if "content-type" in headers:
        event["datacontenttype"] = headers["content-type"]
    if body:
        event["data"] = read_body(body)
    return event


def _decoded(value: str) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError as wrong:
        raise _bad(0, "a header is not percent-encoded UTF-8") from wrong


def _checked(value: JsonValue, at: int) -> CloudEvent:
    try:
        event = read_event(value)
    except UsageError as wrong:
        raise _bad(at, wrong.message) from wrong
    odd = [name for name in event if name not in _MEMBERS and not _ATTRIBUTE.fullmatch(name)]
    if odd:
        raise _bad(at, f"`{odd[0][:40]}` is no attribute's name: small letters and digits only")
    if "\0" in event_key(event):
        raise _bad(at, "`source` or `id` holds a NUL")
    refuse_odd(dict(event))
    return event


def _bad(at: int, why: str) -> DataError:
    return DataError(
        f"Event {at + 1} cannot be taken: {why}", code="triggers.bad-event", details={"event": at}
    )
