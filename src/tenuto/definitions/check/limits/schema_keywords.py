"""Keywords in the schema of a definition's input that are read, and do not do what they say."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from tenuto.definitions.check.calls.arguments import literal_schema
from tenuto.definitions.check.calls.contracts import MONEY
from tenuto.definitions.check.meaning_codes import NOT_APPLIED
from tenuto.definitions.check.parts import children
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded, escaped

_MESSAGES = {
    "default": (
        "A `default` in a schema is not filled in: the run goes on without the value.",
        'Give it where it is read: `${ .rate // "0.02" }`.',
    ),
    "format": (
        "A `format` in a schema is not checked: any text passes.",
        "Ask for a `pattern`, as in `pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'`.",
    ),
}
_NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
"""Keywords that hold schemas by name."""
_INNER = frozenset(
    {
        *("items", "prefixItems", "contains", "additionalProperties", "unevaluatedProperties"),
        *("propertyNames", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
    }
)
"""Keywords that hold a schema, or a list of them."""


class _Keyword(NamedTuple):
    name: str
    pointer: str
    value: JsonValue


def find_keywords_not_applied(loaded: Loaded) -> Iterator[Finding]:
    """One warning for `default` and one for `format`, where the first of each stands.

    `format: decimal` marks an exact amount for this check itself, and is none.
    """
    seen: set[str] = set()
    schema = literal_schema(loaded.value, "input")
    for keyword in _keywords(schema, "/input/schema/document"):
        is_mark = keyword.name == "format" and keyword.value == MONEY
        if keyword.name in _MESSAGES and keyword.name not in seen and not is_mark:
            seen.add(keyword.name)
            message, remedy = _MESSAGES[keyword.name]
            yield loaded.warning(NOT_APPLIED, keyword.pointer, message, remedy, of_key=True)


def _keywords(schema: JsonValue, pointer: str) -> Iterator[_Keyword]:
    """Every keyword of the schema and of the schemas inside it; names of members are none."""
    if isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from _keywords(each, f"{pointer}/{index}")
    if not isinstance(schema, dict):
        return
    for name, value in schema.items():
        at = f"{pointer}/{escaped(name)}"
        yield _Keyword(name, at, value)
        if name in _INNER:
            yield from _keywords(value, at)
        elif name in _NAMED and isinstance(value, dict):
            for member, inner in children(value):
                yield from _keywords(inner, f"{at}/{escaped(member)}")
