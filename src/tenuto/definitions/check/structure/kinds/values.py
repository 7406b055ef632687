"""Forms of single values: text, expressions, durations, URIs, endpoints, schemas."""

from tenuto.core.durations import ISO_PATTERN, UNITS
from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.kinds.authentication import AUTHENTICATION
from tenuto.definitions.check.structure.kinds.form import Schema, closed, refused, text_or_mapping
from tenuto.definitions.check.structure.kinds.text import EXPRESSION_PATTERN, TEXT, URI

_UNIT: Schema = {
    "type": "integer",
    "minimum": 0,
    "title": "a whole number, 0 or more",
    "code": codes.DURATION,
}
_UNITS = closed(
    dict.fromkeys(UNITS, _UNIT),
    minProperties=1,
    title="at least one of `days`, `hours`, `minutes`, `seconds`, `milliseconds`",
)
DURATION: Schema = text_or_mapping(
    {
        "pattern": f"^{ISO_PATTERN}$|{EXPRESSION_PATTERN}",
        "title": "a duration after ISO 8601, in weeks or shorter units, or an expression",
    },
    _UNITS,
    title="a duration",
    code=codes.DURATION,
    examples=["PT30S", {"minutes": 5}, "${ .delay }"],
)

TIMEOUT: Schema = closed(
    {"after": DURATION},
    ("after",),
    title="a timeout",
    remedy="Put the duration under `after`: `timeout: {after: PT30S}`.",
)
TIMEOUT_OR_NAME: Schema = text_or_mapping(
    TEXT,
    TIMEOUT,
    title="a timeout, or the name of one under `use.timeouts`",
    remedy="Write `timeout: {after: PT30S}`.",
)

_ADDRESS: Schema = {
    "type": "string",
    "allOf": [
        URI,
        {
            "pattern": rf"^[A-Za-z][A-Za-z0-9+.-]*://|{EXPRESSION_PATTERN}",
            "title": "an address with its scheme",
            "remedy": "Begin it with `https://`, or with `http://`.",
        },
    ],
    "title": "an address, as text",
}

ENDPOINT: Schema = text_or_mapping(
    _ADDRESS,
    closed({"uri": _ADDRESS, "authentication": AUTHENTICATION}, ("uri",)),
    title="an endpoint: a URI, or a mapping with `uri`",
    examples=["https://example.com/items/{itemId}"],
)

EXTERNAL_RESOURCE: Schema = closed({"name": TEXT, "endpoint": ENDPOINT}, ("endpoint",))

SCHEMA: Schema = closed(
    {
        "format": {
            "type": "string",
            "pattern": "^json(:.+)?$",
            "title": "`json`, the only format of this release",
            "code": codes.SCHEMA_REFUSED,
            "remedy": "Write the schema as JSON Schema, and leave `format` out.",
        },
        "document": {},
        "resource": refused(
            codes.SCHEMA_REFUSED,
            "A schema is not fetched from elsewhere in this release.",
            "Write it out under `document`.",
        ),
    },
    anyOf=[{"required": ["document"]}, {"required": ["resource"]}],
    title="a schema with `document`",
    remedy="Put the JSON Schema under `document`.",
)


def _shaped(member: str, section: str) -> Schema:
    inside = f"Put it under `{member}`: `{section}: {{{member}: ...}}`."
    return closed(
        {
            "schema": SCHEMA,
            member: {
                "type": ["string", "object"],
                "title": "an expression, or a mapping with expressions",
            },
        },
        title=f"a mapping with `{member}` or `schema`",
        remedy=inside,
    )


INPUT = _shaped("from", "input")
OUTPUT = _shaped("as", "output")
EXPORT = _shaped("as", "export")

TASKS: Schema = {
    "type": "array",
    "$comment": "tasks",
    "title": "a list of tasks",
    "remedy": "Write each task as an item of a list: `- nameOfTask: {...}`.",
}
"""A list of tasks, whose items are checked one by one."""
