"""What a CloudEvent is: read from a signal, or put together by `emit`."""

import json
from datetime import datetime

from pydantic import JsonValue

from tenuto.core.errors import UsageError

CloudEvent = dict[str, JsonValue]
"""A CloudEvent 1.0 in JSON: attribute -> value. `specversion`, `id`, `source`, and `type` are
always there."""

MOST_EVENT_CHARS = 256 * 1024
MOST_DEPTH = 64
"""A change of either changes which events a replay takes: it needs a new interpreter version."""

_REQUIRED = ("id", "source", "type")
_TEXTS = ("subject", "dataschema", "datacontenttype", "time", "data_base64")
_MOST_WORD_CHARS = 1024


def read_event(value: JsonValue) -> CloudEvent:
    """`value` as a CloudEvent; one without `specversion` is taken for 1.0, the only one there is.

    Raises UsageError `events.invalid` that names everything wrong, `events.too-large`.
    """
    if not isinstance(value, dict):
        raise UsageError(
            f"A CloudEvent is an object, not {type(value).__name__}. Send one with `id`,"
            " `source`, and `type`.",
            code="events.invalid",
        )
    _refuse_large(value)
    event = {"specversion": "1.0", **value}
    problems = list(_problems(event))
    if problems:
        raise UsageError(f"This is no CloudEvent: {'; '.join(problems)}.", code="events.invalid")
    return event


def text_of(data: JsonValue) -> str:
    """Data unread: a text as it is, everything else as its JSON text."""
    return data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))


def _problems(event: CloudEvent) -> list[str]:
    problems = []
    for name in _REQUIRED:
        value = event.get(name)
        if not isinstance(value, str) or not value.strip():
            problems.append(f"`{name}` is missing or no text")
        elif len(value) > _MOST_WORD_CHARS:
            problems.append(f"`{name}` is longer than {_MOST_WORD_CHARS} characters")
    if event["specversion"] != "1.0":
        problems.append("`specversion` is not `1.0`")
    problems += [
        f"`{name}` is no text"
        for name in _TEXTS
        if event.get(name) is not None and not isinstance(event[name], str)
    ]
    if "data" in event and "data_base64" in event:
        problems.append("both `data` and `data_base64` are there")
    if not _is_moment(event.get("time")):
        problems.append("`time` is no date and time such as `2026-03-31T17:00:00Z`")
    return problems


def _is_moment(value: JsonValue) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _refuse_large(value: JsonValue) -> None:
    """Measures without recursion: how deep Python may go depends on who calls."""
    chars, layer, depth = 0, [value], 0
    while layer:
        depth += 1
        inside: list[JsonValue] = []
        for each in layer:
            if isinstance(each, dict):
                chars += sum(len(name) + 4 for name in each)
                inside.extend(each.values())
            elif isinstance(each, list):
                chars += 2 * len(each) + 2
                inside.extend(each)
            else:
                chars += len(each) + 2 if isinstance(each, str) else 8
        if chars > MOST_EVENT_CHARS or depth > MOST_DEPTH:
            raise UsageError(
                f"An event of more than {MOST_EVENT_CHARS:,} characters or {MOST_DEPTH} levels is"
                " not taken. Put the data into a file and send its address.",
                code="events.too-large",
            )
        layer = inside
