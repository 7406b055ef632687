"""The form of `call: http`: one request to an HTTP service."""

from tenuto.definitions.check.structure.kinds.form import (
    Schema,
    closed,
    mapping_of,
    text_or_mapping,
)
from tenuto.definitions.check.structure.kinds.task import task
from tenuto.definitions.check.structure.kinds.text import EXPRESSION, TEXT
from tenuto.definitions.check.structure.kinds.values import ENDPOINT

_METHODS = ("get", "head", "post", "put", "patch", "delete", "options")

METHOD: Schema = {
    "type": "string",
    "if": EXPRESSION,
    "else": {
        "enum": [each for name in _METHODS for each in (name, name.upper())],
        "title": f"one of {', '.join(f'`{name}`' for name in _METHODS)}",
    },
    "title": "an HTTP method",
}
CONTENT: Schema = {
    "enum": ["raw", "content", "response"],
    "title": "one of `raw`, `content`, `response`",
}
REDIRECT: Schema = {"type": "boolean", "title": "true or false"}

_TEXT_VALUES = text_or_mapping(
    EXPRESSION,
    mapping_of({**TEXT, "remedy": "Put the value in quotes."}),
    title="a mapping from name to text, or an expression",
)

CALL_HTTP = task(
    {
        "call": {"const": "http"},
        "with": closed(
            {
                "method": METHOD,
                "endpoint": ENDPOINT,
                "headers": _TEXT_VALUES,
                "body": {},
                "query": _TEXT_VALUES,
                "output": CONTENT,
                "redirect": REDIRECT,
            },
            ("method", "endpoint"),
            title="a mapping with `method` and `endpoint`",
        ),
    },
    ("call", "with"),
)
