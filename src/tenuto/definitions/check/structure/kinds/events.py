"""Forms of events: what is emitted, and what is listened to."""

from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.kinds.form import (
    Schema,
    closed,
    list_of,
    mapping_of,
    one_of,
    refused,
)
from tenuto.definitions.check.structure.kinds.text import CONDITION, TEXT, URI

_PROPERTIES: Schema = {
    "id": TEXT,
    "source": URI,
    "type": TEXT,
    "time": {
        "type": "string",
        "title": "a moment such as `2026-03-31T17:00:00Z`, or an expression",
    },
    "subject": TEXT,
    "datacontenttype": TEXT,
    "dataschema": URI,
    "data": {},
}

EVENT_PROPERTIES: Schema = {
    "type": "object",
    "properties": _PROPERTIES,
    "propertyNames": {
        "pattern": "^[a-z0-9]+$",
        "title": "an attribute of CloudEvents: lower-case letters and digits",
    },
    "title": "a mapping from attributes of CloudEvents to values",
}
"""Attributes of an event; more than the named ones may stand there, as CloudEvents allows."""

_CORRELATION = closed({"from": CONDITION, "expect": TEXT}, ("from",))

EVENT_FILTER = closed(
    {
        "with": {**EVENT_PROPERTIES, "minProperties": 1, "title": "at least one attribute"},
        "correlate": mapping_of(_CORRELATION),
    },
    ("with",),
)

_STRATEGIES: Schema = {
    "one": EVENT_FILTER,
    "any": list_of(EVENT_FILTER, title="a list of event filters"),
    "all": list_of(EVENT_FILTER, title="a list of event filters"),
}
_UNTIL = refused(
    codes.LISTEN_REFUSED,
    "`until` is not in this release.",
    "Listen for one event at a time, and go back with `then` until a `switch` goes on.",
)

EVENTS: Schema = {
    "type": "object",
    "if": {"required": ["until"]},
    "then": closed({**_STRATEGIES, "until": _UNTIL}),
    "else": one_of(_STRATEGIES, title="exactly one of `one`, `any`, `all`"),
    "title": "a mapping with `one`, `any`, or `all`",
}
"""Which events are waited for."""
