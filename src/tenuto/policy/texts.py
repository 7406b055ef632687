"""Every text of an input in two strings, because rules have no loops to look at each of them."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue


def lines_of(texts: list[str]) -> str:
    """Each text on a line of its own, a line break before each: `like "*\\nforbidden*"` finds a
    text that begins so."""
    return "".join(f"\n{text}" for text in texts)


def joined(texts: list[str]) -> str:
    """All texts in one line, a blank between them."""
    return " ".join(texts)


def texts_of(value: JsonValue, schema: Mapping[str, Any]) -> list[str]:
    """Every text and number in `value`, in its order, as texts are compared.

    A key is a text too, unless `schema` (JSON Schema) declares it as a field. One letter has one
    form whatever its case or width; invisible characters are dropped, blanks are one blank.
    """
    return [_plain(text) for text in _walk(value, [schema], schema.get("$defs", {}))]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    spaced = "".join(" " if letter.isspace() else letter for letter in folded)
    shown = "".join(x for x in spaced if unicodedata.category(x) not in ("Cc", "Cf", "Cs"))
    return " ".join(shown.split())


def _walk(value: JsonValue, schemas: list[Any], defs: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        yield str(value)
    elif isinstance(value, list):
        inner = [each.get("items") for each in _branches(schemas, defs)]
        for item in value:
            yield from _walk(item, inner, defs)
    else:
        yield from _walk_object(value, list(_branches(schemas, defs)), defs)


def _walk_object(
    value: dict[str, JsonValue], branches: list[Mapping[str, Any]], defs: Mapping[str, Any]
) -> Iterator[str]:
    for key, item in value.items():
        declared = [b["properties"][key] for b in branches if key in b.get("properties", {})]
        if declared:
            yield from _walk(item, declared, defs)
        else:
            yield key
            yield from _walk(item, [b.get("additionalProperties") for b in branches], defs)


def _branches(
    schemas: list[Any], defs: Mapping[str, Any], seen: tuple[str, ...] = ()
) -> Iterator[Mapping[str, Any]]:
    """Every schema that may describe the value, unions and references opened."""
    for schema in schemas:
        if not isinstance(schema, Mapping):
            continue
        yield schema
        inner = [each for word in ("anyOf", "oneOf", "allOf") for each in schema.get(word, ())]
        yield from _branches(inner, defs, seen)
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            yield from _branches([defs.get(name)], defs, (*seen, name))
