"""A value that fits a JSON Schema: what a rehearsal answers in place of an activity."""

from pydantic import JsonValue

from tenuto.workflows.interpreter.sample_texts import sample_text

_DEEPEST = 12
"""Schemas of trees name themselves; a sample of one ends here."""

_MOST_ITEMS = 100

_PLAIN: dict[str, JsonValue] = {
    "boolean": True,
    "null": None,
}


def sample(schema: JsonValue) -> JsonValue:
    """The same value for the same schema each time: what it names itself as an example, its
    default, its first choice, or else one of its type. Null where it says nothing.

    Bounds, lengths, and simple patterns are kept; all else is not looked at: a sample shows the
    shape, and may not fit.
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
        return sample_text(schema)
    if kind in ("integer", "number"):
        return _number(schema, str(kind))
    return _PLAIN.get(str(kind))


def _number(schema: dict[str, JsonValue], kind: str) -> JsonValue:
    """One, or the bound that is nearest to it."""
    value = 1.0
    for name, least in (("minimum", 0), ("exclusiveMinimum", 1)):
        bound = schema.get(name)
        if isinstance(bound, int | float):
            value = max(value, bound + least)
    for name, less in (("maximum", 0), ("exclusiveMaximum", 1)):
        bound = schema.get(name)
        if isinstance(bound, int | float):
            value = min(value, bound - less)
    return round(value) if kind == "integer" else value


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
            known = [each for each in found if each is not None]
            parts = [each for each in known if isinstance(each, dict)]
            if name == "allOf" and len(parts) > 1:
                return {key: value for part in parts for key, value in part.items()}
            if known:
                return known[0]
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
    items, least = schema.get("items"), schema.get("minItems")
    if items is None or depth >= _DEEPEST:
        return []
    count = min(least, _MOST_ITEMS) if isinstance(least, int) and least > 1 else 1
    return [_sample(items, whole, depth + 1) for _ in range(count)]
