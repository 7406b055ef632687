"""How the forms are written: JSON Schema 2020-12, with annotations that messages are made from.

Besides the standard keywords a schema may carry `title` (what is expected, as a phrase with its
article), `remedy` (what to do), `code` (the finding's code, where it is not the usual one), and
`refusal` (why this release does not take it). Alternatives are chosen by `if`, never by `oneOf`,
so that a mistake gives one error, at the place where it is.
"""

from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]


def closed(properties: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """A mapping with these properties and no others."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, **more}


def one_of(properties: Schema, **more: Any) -> Schema:
    """A mapping with exactly one of these properties."""
    return closed(properties, minProperties=1, maxProperties=1, **more)


def mapping_of(value: Schema, **more: Any) -> Schema:
    """A mapping from any name to `value`."""
    return {"type": "object", "additionalProperties": value, **more}


def list_of(item: Schema, **more: Any) -> Schema:
    """A list of `item`."""
    return {"type": "array", "items": item, **more}


def text_or_mapping(text: Schema, mapping: Schema, **more: Any) -> Schema:
    """Text of one form, or a mapping of another."""
    return {
        "type": ["string", "object"],
        "if": {"type": "object"},
        "then": mapping,
        "else": text,
        **more,
    }


def refused(code: str, refusal: str, remedy: str) -> Schema:
    """What the specification has and this release does not take."""
    return {"not": {}, "code": code, "refusal": refusal, "remedy": remedy}
