"""What rules may read of an input, from its JSON Schema.

Text, dates and enumerations are `String`, integers `Long`, numbers and decimal text `decimal`,
arrays `Set`, objects records. What has no single type (most unions, maps, tuples, a model within
itself, anything) is left out: rules reach it through `context.text`.
"""

from collections.abc import Mapping
from typing import Any

from tenuto.policy.types import Exact, Field, Fields, Flag, Many, Text, Type, Whole

Schema = Mapping[str, Any]

MAX_DEPTH = 12
"""Records within records; what is deeper is left out."""


def input_fields(schema: Schema) -> Fields | None:
    """The record that `schema` describes; None where it does not describe one."""
    kind = _Reader(schema).type_of(schema, ())
    return kind if isinstance(kind, Fields) else None


class _Reader:
    def __init__(self, root: Schema) -> None:
        self._root = root

    def type_of(self, schema: Any, above: tuple[str, ...]) -> Type | None:
        """The one type of what `schema` allows besides null; None where there is no such type."""
        if not isinstance(schema, Mapping) or len(above) > MAX_DEPTH:
            return None
        if "$ref" in schema:
            return self._referenced(schema["$ref"], above)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return self._union(schema[word], above)
        if "allOf" in schema:
            return self.type_of(schema["allOf"][0], above) if len(schema["allOf"]) == 1 else None
        if "enum" in schema or "const" in schema:
            return _enumeration(schema.get("enum", [schema.get("const")]))
        return self._plain(schema, above)

    def is_nullable(self, schema: Any) -> bool:
        """Whether `schema` allows null."""
        if not isinstance(schema, Mapping):
            return True
        branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            branches.append(self._root.get("$defs", {}).get(name, {}))
        return (
            schema.get("type") == "null"
            or None in schema.get("enum", ())
            or any(self.is_nullable(branch) for branch in branches)
        )

    def _referenced(self, reference: Any, above: tuple[str, ...]) -> Type | None:
        folder, _, name = str(reference).rpartition("/")
        if folder != "#/$defs" or name in above:
            return None
        return self.type_of(self._root.get("$defs", {}).get(name), (*above, name))

    def _union(self, branches: Any, above: tuple[str, ...]) -> Type | None:
        real = [each for each in branches if each != {"type": "null"}]
        kinds = [self.type_of(each, above) for each in real]
        words = {each.get("type") for each in real if isinstance(each, Mapping)}
        if words in ({"number", "string"}, {"integer", "string", "number"}):
            return Exact()  # how pydantic describes a Decimal
        first = kinds[0] if kinds else None
        return first if all(kind == first for kind in kinds) else None

    def _plain(self, schema: Schema, above: tuple[str, ...]) -> Type | None:
        match schema.get("type"):
            case "string":
                return Text()
            case "integer":
                return Whole()
            case "number":
                return Exact()
            case "boolean":
                return Flag()
            case "array":
                return self._array(schema, above)
            case "object":
                return self._object(schema, above)
        return None

    def _array(self, schema: Schema, above: tuple[str, ...]) -> Type | None:
        items = schema.get("items")
        if "prefixItems" in schema or self.is_nullable(items):
            return None
        item = self.type_of(items, above)
        return Many(item) if item is not None else None

    def _object(self, schema: Schema, above: tuple[str, ...]) -> Type | None:
        if "properties" not in schema and schema.get("additionalProperties", True) is not False:
            return None
        fields: dict[str, Field] = {}
        for name, described in schema.get("properties", {}).items():
            kind = self.type_of(described, (*above, ""))
            if kind is not None:
                fields[name] = self._field(schema, name, described, kind)
        return Fields(fields)

    def _field(self, schema: Schema, name: str, described: Any, kind: Type) -> Field:
        default = described.get("default") if isinstance(described, Mapping) else None
        is_there = name in schema.get("required", ()) or default is not None
        return Field(kind, self.is_nullable(described) or not is_there, default=default)


def _enumeration(values: list[Any]) -> Type | None:
    words = [value for value in values if value is not None]
    if words and all(isinstance(word, str) for word in words):
        return Text(tuple(words))
    if words and all(isinstance(word, int) and not isinstance(word, bool) for word in words):
        return Whole()
    return None
