"""Whether a template can become what a JSON Schema asks for.

An expression can become anything, so whatever a schema says of the place where one stands is
skipped; what stands there literally must fit.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema_rs
from pydantic import JsonValue

from tenuto.core.people import WHO_PATTERN, how_to_name
from tenuto.definitions.check.nearest import did_you_mean, listed, nearest
from tenuto.definitions.check.parts import mapping
from tenuto.definitions.expressions import is_expression
from tenuto.definitions.loaded import escaped, pointer_to

_Error = jsonschema_rs.ValidationError
_Kind = jsonschema_rs.ValidationErrorKind
_Path = tuple[str | int, ...]

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "a text",
}

_FORMATS = {
    "date": "a day such as `2026-03-31`",
    "date-time": "a moment such as `2026-03-31T17:00:00Z`",
    "time": "a time of day such as `17:00:00Z`",
    "duration": "a length of time such as `PT30S`",
    "uri": "an address such as `https://example.com/prices`",
    "email": "an address such as `ann@example.com`",
    "uuid": "a UUID such as `123e4567-e89b-12d3-a456-426614174000`",
}


class Misfit(NamedTuple):
    """One place where a template does not fit."""

    pointer: str
    """Below the template; "" is the template itself."""
    message: str
    remedy: str
    is_of_key: bool
    """Whether the key is wrong rather than the value."""


def misfits(template: JsonValue, schema: Mapping[str, Any], *, called: str) -> Iterator[Misfit]:
    """Every place where `template` cannot fit `schema`; `called` names what is being filled.

    A schema that is not valid, or refers to something outside itself, gives nothing.
    """
    open_at: set[_Path] = set()
    instance = _sampled(template, (), open_at)
    if () in open_at:
        return
    validator = _validator(json.dumps(schema, sort_keys=True))
    if validator is None:
        return
    wrong = [
        certain for error in validator.iter_errors(instance) for certain in _certain(error, open_at)
    ]
    misspelt = {each for error in wrong for each in _meant_names(error, schema)}
    for error in wrong:
        kind = error.kind
        is_told = isinstance(kind, _Kind.Required) and _member(error, kind.property) in misspelt
        if not is_told:
            yield from _explained(error, called, schema)


def _meant_names(error: _Error, schema: Mapping[str, Any]) -> Iterator[_Path]:
    """Members that are missing only because their names are misspelt."""
    kind = error.kind
    if isinstance(kind, _Kind.AdditionalProperties | _Kind.UnevaluatedProperties):
        named = _named(error, schema)
        for name in kind.unexpected:
            meant = nearest(name, named)
            if meant is not None:
                yield _member(error, meant)


def _member(error: _Error, name: str) -> _Path:
    return (*error.instance_path, name)


def _named(error: _Error, schema: Mapping[str, Any]) -> dict[str, JsonValue]:
    return mapping(_at(schema, error.schema_path[:-1]), "properties")


@lru_cache(maxsize=512)
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator(
            json.loads(schema), validate_formats=True, offline=True
        )
    except (ValueError, jsonschema_rs.ReferencingError):
        return None


def _sampled(template: JsonValue, path: _Path, open_at: set[_Path]) -> Any:
    """The template with a text of its own in place of each expression."""
    if isinstance(template, str) and is_expression(template):
        open_at.add(path)
        return f"${path}"
    if isinstance(template, dict):
        return {key: _sampled(each, (*path, key), open_at) for key, each in template.items()}
    if isinstance(template, list):
        return [_sampled(each, (*path, index), open_at) for index, each in enumerate(template)]
    return template


def _certain(error: _Error, open_at: set[_Path]) -> list[_Error]:
    """What of the error no expression can put right."""
    path = tuple(error.instance_path)
    if path in open_at:
        return []
    kind = error.kind
    if isinstance(kind, _Kind.AnyOf | _Kind.OneOfNotValid):
        branches = [
            [each for inner in branch for each in _certain(inner, open_at)]
            for branch in kind.context
        ]
        if not all(branches):
            return []
        return _meant(branches, error)
    depends = isinstance(
        kind, _Kind.OneOfMultipleValid | _Kind.Not | _Kind.Contains | _Kind.UniqueItems
    )
    if depends and any(each[: len(path)] == path for each in open_at):
        return []
    return [error]


def _meant(branches: list[list[_Error]], whole: _Error) -> list[_Error]:
    """The errors of the one alternative that was meant; else that none fits."""
    here = list(whole.instance_path)
    near = [
        branch
        for branch in branches
        if not any(
            list(each.instance_path) == here and isinstance(each.kind, _Kind.Type)
            for each in branch
        )
    ]
    if len(near) == 1:
        return near[0]
    told_apart = [
        branch
        for branch in near
        if not any(isinstance(each.kind, _Kind.Constant) for each in branch)
    ]
    return told_apart[0] if len(told_apart) == 1 else [whole]


def _explained(error: _Error, called: str, schema: Mapping[str, Any]) -> Iterator[Misfit]:
    path = tuple(error.instance_path)
    pointer = pointer_to(path)
    where = f"`{'.'.join(str(step) for step in path)}` of {called}" if path else called
    kind = error.kind
    if isinstance(kind, _Kind.AdditionalProperties | _Kind.UnevaluatedProperties):
        named = _named(error, schema)
        for name in kind.unexpected:
            remedy = did_you_mean(name, named) or "Take it away."
            message = f"There is no `{name}` in {where}."
            yield Misfit(f"{pointer}/{escaped(name)}", message, remedy, True)
    elif isinstance(kind, _Kind.Required):
        message = f"`{kind.property}` is missing in {where}."
        yield Misfit(pointer, message, "It has no default: give it.", False)
    else:
        yield Misfit(pointer, *_wrong_value(error, where), False)


def _wrong_value(error: _Error, where: str) -> tuple[str, str]:
    kind = error.kind
    found = _shown(error.instance)
    if isinstance(kind, _Kind.Type):
        return f"{where} is {found}, and must be {_types(kind.types)}.", ""
    if isinstance(kind, _Kind.Enum):
        valid = [str(each) for each in kind.options]
        close = nearest(str(error.instance), valid)
        hint = f"Did you mean `{close}`?" if close else f"Valid are {listed(valid)}."
        return f"{where} cannot be {found}.", hint
    if isinstance(kind, _Kind.Constant):
        return f"{where} is {found}, and must be {_shown(kind.expected_value)}.", ""
    if isinstance(kind, _Kind.AnyOf | _Kind.OneOfNotValid):
        return f"{where} is {found}, and must be {_alternatives(kind.context)}.", ""
    if isinstance(kind, _Kind.Pattern) and kind.pattern == WHO_PATTERN:
        return f"{where} is {found}, and must say who that is.", how_to_name(error.instance)
    if isinstance(kind, _Kind.Pattern):
        return f"{where} is {found}, and must match `{kind.pattern}`.", ""
    if isinstance(kind, _Kind.Format):
        expected = _FORMATS.get(kind.format, f"in the form `{kind.format}`")
        return f"{where} is {found}, and must be {expected}.", ""
    return f"{where} does not fit: {error.message}.", ""


def _types(names: list[str]) -> str:
    return " or ".join(_TYPES.get(name, name) for name in sorted(names, key=_last_null))


def _last_null(name: str) -> tuple[bool, str]:
    return name == "null", name


def _alternatives(branches: list[list[_Error]]) -> str:
    """The types that the alternatives ask for, where that is all that is wrong."""
    kinds = [error.kind for branch in branches for error in branch]
    typed = [kind.types for kind in kinds if isinstance(kind, _Kind.Type)]
    if len(typed) == len(kinds):
        return _types(list({name for names in typed for name in names}))
    return "one of the forms that the reference of the catalog shows"


def _shown(value: Any) -> str:
    if isinstance(value, dict | list) and value:
        return "a mapping" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _at(schema: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        if isinstance(schema, list) and isinstance(step, int):
            schema = schema[step]
        else:
            schema = schema.get(step) if isinstance(schema, dict) else None
    return schema
