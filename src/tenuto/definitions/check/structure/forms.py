"""Holds a value against a form: each mistake with its place, what is expected, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
from pydantic import JsonValue

from tenuto.definitions.check.nearest import listed
from tenuto.definitions.check.structure.kinds.document import DOCUMENT
from tenuto.definitions.check.structure.kinds.every import FORMS
from tenuto.definitions.check.structure.kinds.form import Schema

_STEPS = {"properties": 2, "items": 1, "additionalProperties": 1}
"""Keywords that lead to another value, and how many segments of a schema path they take."""

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One value that does not fit its form."""

    keyword: str
    """The keyword of JSON Schema that does not hold."""
    path: tuple[str | int, ...]
    """Where the value stands in what was checked."""
    found: JsonValue
    names: tuple[str, ...]
    """Properties that are unknown, missing, or have an impossible name."""
    known: tuple[str, ...]
    """Properties that the mapping may have."""
    expected: str
    """As a phrase with its article."""
    code: str | None
    refusal: str | None
    remedy: str | None
    examples: tuple[JsonValue, ...]


def mistakes(form: str, value: JsonValue) -> list[Mistake]:
    """What is wrong with a task by the form of this name."""
    return list(_mistakes(_task_validator(form), FORMS[form], value))


def document_mistakes(value: JsonValue) -> list[Mistake]:
    """What is wrong with a document outside its tasks."""
    return list(_mistakes(_document_validator(), DOCUMENT, value))


@cache
def _task_validator(form: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(FORMS[form], validate_formats=False, offline=True)


@cache
def _document_validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(DOCUMENT, validate_formats=False, offline=True)


def _mistakes(
    validator: jsonschema_rs.Draft202012Validator, schema: Schema, value: JsonValue
) -> Iterator[Mistake]:
    seen: set[tuple[str | int, ...]] = set()
    for error in sorted(validator.iter_errors(value), key=_is_no_type_error):
        mistake = _mistake(error, schema)
        if mistake.names:
            yield mistake
        elif mistake.path not in seen:
            seen.add(mistake.path)
            yield mistake


def _is_no_type_error(error: jsonschema_rs.ValidationError) -> bool:
    """A value of the wrong type fails its pattern and its list of words too."""
    return error.schema_path[-1] != "type"


def _mistake(error: jsonschema_rs.ValidationError, schema: Schema) -> Mistake:
    keyword = str(error.schema_path[-1])
    if "propertyNames" in error.schema_path:
        keyword = "propertyNames"
    here = _schemas_of_value(schema, error.schema_path)
    kind: Any = error.kind
    found: Any = error.instance
    names: tuple[str, ...] = ()
    if keyword == "additionalProperties":
        names = tuple(kind.unexpected)
    elif keyword == "required":
        names = (kind.property,)
    elif keyword == "propertyNames":
        names = (kind.error.instance,)
    return Mistake(
        keyword=keyword,
        path=tuple(error.instance_path),
        found=found,
        names=names,
        known=tuple(_nearest(here, "properties") or ()),
        expected=_nearest(here, "title") or _form_of(here),
        code=_nearest(here, "code"),
        refusal=_nearest(here, "refusal"),
        remedy=_nearest(here, "remedy"),
        examples=tuple(_nearest(here, "examples") or ()),
    )


def _schemas_of_value(schema: Schema, path: list[str | int]) -> list[Schema]:
    """The schemas that apply to the value with the mistake, outermost first."""
    here = [schema]
    node: Any = schema
    steps = list(path[:-1])
    while steps:
        keyword = str(steps[0])
        length = _STEPS.get(keyword, 1)
        for step in steps[:length]:
            node = node[step]
        steps = steps[length:]
        if keyword in _STEPS:
            here = []
        if isinstance(node, dict):
            here.append(node)
    return here


def _form_of(schemas: list[Schema]) -> str:
    """What a schema without a title takes: `a mapping with `uri``, `one of `a`, `b``."""
    choices = _nearest(schemas, "enum") or [each["const"] for each in schemas if "const" in each]
    if choices:
        return f"one of {listed(choices)}"
    named = _nearest(schemas, "properties")
    if named:
        return f"a mapping with {listed(named)}"
    types = _nearest(schemas, "type")
    return _TYPES.get(types, "another form") if isinstance(types, str) else "another form"


def _nearest(schemas: list[Schema], annotation: str) -> Any:
    return next((each[annotation] for each in reversed(schemas) if annotation in each), None)
