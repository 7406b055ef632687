"""Forms of text: plain, as an expression, as a URI, as a version."""

from tenuto.definitions.check.structure.kinds.form import Schema

EXPRESSION_PATTERN = r"^\s*\$\{[\s\S]+\}\s*$"

TEXT: Schema = {"type": "string", "title": "text"}

CONDITION: Schema = {
    "type": "string",
    "title": "an expression, as text",
    "examples": [".total > 100"],
}
"""A place that holds an expression, with or without `${ }`."""

EXPRESSION: Schema = {
    "type": "string",
    "pattern": EXPRESSION_PATTERN,
    "title": "an expression in `${ }`",
    "examples": ["${ .order.id }"],
}

LITERAL_URI: Schema = {
    "type": "string",
    "pattern": r"^(?!\$\{)\S+$",
    "title": "a URI without spaces",
    "examples": ["https://login.example.com"],
}
URI: Schema = {
    "type": "string",
    "pattern": rf"^(?!\$\{{)\S+$|{EXPRESSION_PATTERN}",
    "title": "a URI without spaces, or an expression in `${ }`",
    "examples": ["https://example.com/items/{itemId}"],
}

NAME: Schema = {
    "type": "string",
    "pattern": "^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$",
    "title": "a name of at most 63 letters, digits, and hyphens",
    "examples": ["order-pet"],
}

_NUMERIC = r"(0|[1-9][0-9]*)"
_PRE_RELEASE = rf"({_NUMERIC}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
SEMVER_PATTERN = (
    rf"{_NUMERIC}\.{_NUMERIC}\.{_NUMERIC}"
    rf"(-{_PRE_RELEASE}(\.{_PRE_RELEASE})*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?"
)
VERSION: Schema = {
    "type": "string",
    "pattern": f"^{SEMVER_PATTERN}$",
    "maxLength": 128,
    "title": "a semantic version, as text",
    "remedy": "Write three numbers in quotes: `'1.0.0'`.",
}
