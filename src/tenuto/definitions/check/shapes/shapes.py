"""What is certain about a value before a run: which kinds of JSON it may be, and their members."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from tenuto.definitions.check.calls.contracts import MONEY

Later = Callable[[], "Shape"]
"""A shape that is made when it is asked for: schemas refer to themselves."""

_MOST_ALTERNATIVES = 40
_MOST_REFERENCES = 20


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Alternative:
    """One kind of JSON that a value may be."""

    kind: str
    """`null`, `boolean`, `number`, `string`, `array`, or `object`."""
    members: Mapping[str, Later] = field(default_factory=dict)
    is_closed: bool = False
    """Whether an object has no members but these."""
    rest: Later | None = None
    """Of an object's other members, where they are known."""
    element: Later | None = None
    """Of an array."""
    is_money: bool = False
    texts: frozenset[str] | None = None
    """All that a string may be; None where it may be any."""


@dataclass(frozen=True, eq=False, slots=True)
class Shape:
    """What a value may be; None as alternatives is anything."""

    alternatives: tuple[Alternative, ...] | None = None

    @property
    def is_any(self) -> bool:
        """Whether nothing is certain."""
        return self.alternatives is None

    @property
    def is_nothing(self) -> bool:
        """Whether there is no value at all."""
        return self.alternatives == ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds it may be; empty where anything, or nothing, is possible."""
        return frozenset(each.kind for each in self.alternatives or ())

    @property
    def is_money(self) -> bool:
        """Whether it may be an exact amount."""
        return any(each.is_money for each in self.alternatives or ())

    @property
    def texts(self) -> frozenset[str] | None:
        """All the texts it may be, where it is a text at times; None where it may be any."""
        known = [each.texts for each in self.of_kind("string")]
        if not known or None in known:
            return None
        return frozenset(text for texts in known for text in texts or ())

    @property
    def of_any_text(self) -> "Shape":
        """The same, without what is known of its texts."""
        if self.texts is None:
            return self
        return Shape(tuple(replace(each, texts=None) for each in self.alternatives or ()))

    def of_kind(self, kind: str) -> tuple[Alternative, ...]:
        """The alternatives of that kind."""
        return tuple(each for each in self.alternatives or () if each.kind == kind)

    def member(self, name: str) -> "Shape":
        """What reading `.name` may give."""
        if self.is_any:
            return ANY
        found = [_member(each, name) for each in self.of_kind("object")]
        return union([*found, NULL] if self.of_kind("null") else found)

    def elements(self) -> "Shape":
        """What its elements, or the values of its members, may be."""
        if self.is_any:
            return ANY
        found = [each.element() if each.element else ANY for each in self.of_kind("array")]
        for each in self.of_kind("object"):
            found += [later() for later in each.members.values()]
            if not each.is_closed:
                found.append(each.rest() if each.rest else ANY)
        return union(found)

    def known_members(self) -> tuple[str, ...]:
        """Names of members that it may have."""
        return tuple(
            dict.fromkeys(name for each in self.of_kind("object") for name in each.members)
        )

    def never_has(self, name: str) -> bool:
        """Whether it is an object at times, and never one with this member."""
        objects = self.of_kind("object")
        return bool(objects) and all(
            each.is_closed and name not in each.members for each in objects
        )

    def never_names(self, name: str) -> bool:
        """Whether it names members, and this is none of them, though it may have others."""
        objects = self.of_kind("object")
        return bool(objects) and all(
            each.members and each.rest is None and name not in each.members for each in objects
        )


def union(shapes: Iterable[Shape]) -> Shape:
    """What may be any of `shapes`."""
    alternatives: dict[int, Alternative] = {}
    for shape in shapes:
        if shape.alternatives is None:
            return ANY
        alternatives |= {id(each): each for each in shape.alternatives}
    if len(alternatives) > _MOST_ALTERNATIVES:
        return ANY
    return Shape(tuple(alternatives.values()))


def of_object(members: Mapping[str, Shape], *, is_closed: bool = True) -> Shape:
    """An object with these members."""
    later: dict[str, Later] = {name: partial(_now, shape) for name, shape in members.items()}
    return Shape((Alternative(kind="object", members=later, is_closed=is_closed),))


def of_array(element: Shape) -> Shape:
    """An array of such elements."""
    return Shape((Alternative(kind="array", element=partial(_now, element)),))


def of_kinds(*kinds: str) -> Shape:
    """A value of one of the kinds, of which no more is known."""
    return Shape(tuple(Alternative(kind=kind) for kind in kinds))


def of_literal(value: Any) -> Shape:
    """A value that is written out."""
    if isinstance(value, dict):
        return of_object({name: of_literal(each) for name, each in value.items()})
    if isinstance(value, list):
        return of_array(union(of_literal(each) for each in value))
    if isinstance(value, str):
        return Shape((Alternative(kind="string", texts=frozenset({value})),))
    return of_kinds(_kind_of(value))


def of_schema(schema: Any, root: Any = None) -> Shape:
    """What fits the JSON Schema; what the schema says in ways not known here is anything."""
    root = schema if root is None else root
    schema = _referred(schema, root)
    if not isinstance(schema, dict) or {"allOf", "not", "if", "$dynamicRef"} & set(schema):
        return ANY
    for choice in ("anyOf", "oneOf"):
        if isinstance(schema.get(choice), list):
            if {"properties", "items", "type"} & set(schema):
                return ANY
            return union(of_schema(each, root) for each in schema[choice])
    kinds = _kinds(schema)
    if kinds is None:
        return ANY
    return Shape(tuple(_alternative(kind, schema, root) for kind in kinds))


def _alternative(kind: str, schema: dict[str, Any], root: Any) -> Alternative:
    is_money = schema.get("format") == MONEY
    if kind == "array":
        items = schema.get("items")
        is_known = isinstance(items, dict) and "prefixItems" not in schema
        return Alternative(kind=kind, element=partial(of_schema, items, root) if is_known else None)
    if kind != "object":
        texts = _texts(schema) if kind == "string" else None
        return Alternative(kind=kind, is_money=is_money, texts=texts)
    properties = schema.get("properties")
    named = properties if isinstance(properties, dict) else {}
    others = schema.get("additionalProperties", True)
    is_open = bool({"patternProperties", "dependentSchemas"} & set(schema))
    return Alternative(
        kind=kind,
        members={name: partial(of_schema, each, root) for name, each in named.items()},
        is_closed=not is_open and (others is False or schema.get("unevaluatedProperties") is False),
        rest=partial(of_schema, others, root) if isinstance(others, dict) and not is_open else None,
    )


def _texts(schema: dict[str, Any]) -> frozenset[str] | None:
    if "const" in schema:
        choices: Any = [schema["const"]]
    else:
        choices = schema.get("enum")
    if not isinstance(choices, list):
        return None
    return frozenset(each for each in choices if isinstance(each, str))


def _kinds(schema: dict[str, Any]) -> tuple[str, ...] | None:
    named = schema.get("type")
    if isinstance(named, str):
        named = [named]
    if isinstance(named, list):
        known = ["number" if each == "integer" else each for each in named]
        return tuple(dict.fromkeys(str(each) for each in known))
    if "const" in schema:
        return (_kind_of(schema["const"]),)
    if isinstance(schema.get("enum"), list):
        return tuple(dict.fromkeys(_kind_of(each) for each in schema["enum"]))
    return None


def _referred(schema: Any, root: Any) -> Any:
    for _ in range(_MOST_REFERENCES):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if reference is None:
            return schema
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        schema = root
        for step in reference.removeprefix("#").split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            schema = schema.get(key) if isinstance(schema, dict) else None
    return None


def _member(alternative: Alternative, name: str) -> Shape:
    if name in alternative.members:
        return alternative.members[name]()
    if alternative.is_closed:
        return NULL
    return union([alternative.rest(), NULL]) if alternative.rest else ANY


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _now(shape: Shape) -> Shape:
    return shape


ANY = Shape(None)
NULL = of_kinds("null")
NOTHING = Shape(())
"""No value at all: `empty`, or a task that always ends in an error."""
