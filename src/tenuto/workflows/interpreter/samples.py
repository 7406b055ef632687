"""A value that fits a JSON Schema: what a rehearsal answers in place of an activity."""

from pydantic import JsonValue

_DEEPEST = 12
"""Schemas of trees name themselves; a sample of one ends here."""

_PLAIN: dict[str, JsonValue] = {
    "string": "text",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "null": None,
}
_TEXTS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
    "duration": "PT1H",
    "decimal": "1.00",
}


def sample(schema: JsonValue) -> JsonValue:
    """The same value for the same schema each time: what it names itself as an example, its
    default, its first choice, or else one of its type. Null where it says nothing.

    Bounds, patterns, and the like are not looked at: a sample shows the shape.
    """
    return _sample(schema, schema, 0)


def _sample(schema: JsonValue, whole: JsonValue, depth: int) -> JsonValue:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    for given in (_given, _referred, _chosen):
        found = given(schema, whole, depth)
        if found is not None:
            return found
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind == "object" or (kind is None and "properties" in schema):
        return _object(schema, whole, depth)
    if kind == "array":
        return _array(schema, whole, depth)
    if kind == "string":
        return _TEXTS.get(str(schema.get("format")), "text")
    return _PLAIN.get(str(kind))


def _given(schema: dict[str, JsonValue], whole: JsonValue, depth: int) -> JsonValue:
    examples = schema.get("examples")
    choices = schema.get("enum")
    for listed in (examples, choices):
        if isinstance(listed, list) and listed:
            return listed[0]
    return schema.get("const", schema.get("default"))


def _referred(schema: dict[str, JsonValue], whole: JsonValue, depth: int) -> JsonValue:
    pointer = schema.get("$ref")
    if not isinstance(pointer, str) or not pointer.startswith("#"):
        return None
    found: JsonValue = whole
    for part in pointer.removeprefix("#").strip("/").split("/"):
        if part and isinstance(found, dict):
            found = found.get(part.replace("~1", "/").replace("~0", "~"))
    return _sample(found, whole, depth + 1)


def _chosen(schema: dict[str, JsonValue], whole: JsonValue, depth: int) -> JsonValue:
    for name in ("anyOf", "oneOf", "allOf"):
        choices = schema.get(name)
        if isinstance(choices, list):
            found = (_sample(each, whole, depth + 1) for each in choices)
            return next((each for each in found if each is not None), None)
    return None


def _object(schema: dict[str, JsonValue], whole: JsonValue, depth: int) -> JsonValue:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {name: _sample(each, whole, depth + 1) for name, each in properties.items()}


def _array(schema: dict[str, JsonValue], whole: JsonValue, depth: int) -> JsonValue:
    prefix = schema.get("prefixItems")
    if isinstance(prefix, list):
        return [_sample(each, whole, depth + 1) for each in prefix]
    items = schema.get("items")
    return [] if items is None or depth >= _DEEPEST else [_sample(items, whole, depth + 1)]
