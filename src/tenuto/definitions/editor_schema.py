"""One JSON Schema of a whole definition, for editors: what may stand where, with the catalog."""

import re
from collections.abc import Iterator
from typing import Any

from tenuto.catalog.registry import Catalog, Entry
from tenuto.definitions.check.calls.calls import APPROVAL, POLICY
from tenuto.definitions.check.calls.contracts import request_schema
from tenuto.definitions.check.structure.kinds.document import DOCUMENT
from tenuto.definitions.check.structure.kinds.every import FORMS
from tenuto.definitions.check.structure.kinds.form import Schema
from tenuto.definitions.check.structure.kinds.text import EXPRESSION, SEMVER_PATTERN
from tenuto.definitions.loaded import escaped
from tenuto.definitions.tasks import KINDS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TASK = {"$ref": "#/$defs/task"}
_TASKS = {"$ref": "#/$defs/tasks"}
_EXPRESSION = {"$ref": "#/$defs/expression"}
_OWN = frozenset({"title", "code", "remedy", "refusal", "$comment"})
_VALUES = frozenset({"const", "enum", "examples", "default", "required"})
"""Keywords that hold values rather than schemas."""
_BRANCHES = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties")
_SINGLE = ("items", "additionalProperties")


def editor_schema(catalog: Catalog) -> dict[str, Any]:
    """A JSON Schema (2020-12) of definitions that call what is in `catalog`.

    It refers to nothing outside itself. Names of functions are offered from the catalog, and
    their arguments are checked, with an expression allowed in place of any value.
    """
    entries = dict(_callable(catalog))
    document = _plain(DOCUMENT)
    document["properties"]["use"]["properties"]["functions"]["additionalProperties"] = _TASK
    forms = {_definition(name): _plain(form) for name, form in FORMS.items()}
    forms["call"] = _call(forms["call"], entries)
    return {
        "$schema": _DIALECT,
        "title": "Tenuto workflow definition (Open Workflow Specification DSL 1.0)",
        **document,
        "$defs": {
            "expression": _plain(EXPRESSION),
            "tasks": _task_list(),
            "task": _task(),
            **forms,
            **_requests(entries),
        },
    }


def _callable(catalog: Catalog) -> Iterator[tuple[str, Entry]]:
    yield from sorted(catalog.activities.items())
    yield from sorted(catalog.workflows.items())
    yield from sorted(catalog.builtins.items())


def _task_list() -> Schema:
    item = {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": _TASK}
    return {"type": "array", "items": item}


def _task() -> Schema:
    """A task of one kind: which of the forms applies is seen by the property that names it."""
    kinds = [kind for kind in KINDS if kind not in ("call", "do")]
    chosen = [_when({"required": [kind]}, kind) for kind in kinds]
    chosen.append(_when({"required": ["do"], "not": {"required": ["for"]}}, "do"))
    standard = [name for name in FORMS if name.startswith("call: ")]
    called = [name.removeprefix("call: ") for name in standard]
    chosen += [_when(_calls({"const": call}), f"call: {call}") for call in called]
    chosen.append(_when(_calls({"not": {"enum": called}}), "call"))
    return {
        "type": "object",
        "anyOf": [{"required": [kind]} for kind in KINDS],
        "allOf": chosen,
    }


def _when(condition: Schema, form: str) -> Schema:
    return {"if": condition, "then": {"$ref": f"#/$defs/{_definition(form)}"}}


def _calls(called: Schema) -> Schema:
    return {"required": ["call"], "properties": {"call": called}}


def _call(form: Schema, entries: dict[str, Entry]) -> Schema:
    """A call of a function; where `metadata.temporal` names an activity, it may be any."""
    names = sorted({*entries, APPROVAL, POLICY})
    any_of = "|".join(_literally(name) for name in names)
    version = rf"(:({SEMVER_PATTERN}|latest)(@default)?)?"
    known = {
        "anyOf": [
            {"enum": names},
            {"pattern": f"^({any_of}){version}$"},
            {"pattern": "^[^.:@/]+$", "description": "A function under `use.functions`."},
        ]
    }
    foreign = {"properties": {"metadata": _holds("temporal", _holds("activity", {}))}}
    rules = [_rule(name, entry) for name, entry in entries.items()]
    of_catalog = {"properties": {"call": known}, "allOf": rules}
    is_foreign = {"required": ["metadata"], **foreign}
    return {**form, "if": is_foreign, "else": of_catalog}


def _rule(name: str, entry: Entry) -> Schema:
    """What a call of this entry must have beside the name."""
    then: Schema = {"properties": {"with": {"$ref": f"#/$defs/{_with(name)}"}}}
    if any(field.is_required() for field in entry.request.model_fields.values()):
        then["required"] = ["with"]
    called = {"pattern": f"^{_literally(name)}(:|$)"}
    return {"if": {"properties": {"call": called}}, "then": then}


def _holds(name: str, value: Schema) -> Schema:
    return {"type": "object", "required": [name], "properties": {name: value}}


def _requests(entries: dict[str, Entry]) -> Schema:
    """What every entry takes, where an expression may stand in place of any inner value.

    Types that several entries share by name and form are written once.
    """
    shared: Schema = {}
    requests: Schema = {}
    for name, entry in entries.items():
        schema = dict(request_schema(entry.request))
        types = schema.pop("$defs", {})
        clashes = any(shared.get(key, form) != form for key, form in types.items())
        prefix = f"type-{escaped(name)}-" if clashes else "type-"
        shared |= {} if clashes else types
        requests |= {prefix + key: _opened(form, prefix) for key, form in types.items()}
        requests[_with(name)] = {**_opened(schema, prefix), "description": entry.summary}
    return requests


def _opened(schema: Any, prefix: str) -> Any:
    """The schema with its types under their prefix, and an expression beside every inner schema."""
    if not isinstance(schema, dict):
        return schema
    opened = {key: value for key, value in schema.items() if key != "discriminator"}
    if "$ref" in opened:
        opened["$ref"] = opened["$ref"].replace("#/$defs/", f"#/$defs/{prefix}", 1)
    for key in _BRANCHES:
        if key in opened:
            opened[key] = [_opened(each, prefix) for each in opened[key]]
    for key in _NAMED:
        if key in opened:
            opened[key] = {name: _or_expression(each, prefix) for name, each in opened[key].items()}
    for key in _SINGLE:
        if key in opened:
            opened[key] = _or_expression(opened[key], prefix)
    return opened


def _or_expression(schema: Any, prefix: str) -> Any:
    return {"anyOf": [_EXPRESSION, _opened(schema, prefix)]} if isinstance(schema, dict) else schema


def _plain(schema: Any) -> Any:
    """A form without the annotations that are our own; what is expected becomes a description."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$comment") == "tasks":
        return _TASKS
    plain = {
        key: value if key in _VALUES else _members(key, value)
        for key, value in schema.items()
        if key not in _OWN
    }
    described = schema.get("refusal") or schema.get("title")
    if described is not None:
        plain["description"] = f"{described[:1].upper()}{described[1:]}".rstrip(".") + "."
    return plain


def _members(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _plain(each) for name, each in value.items()}
    return _plain(value)


def _definition(form: str) -> str:
    """`call: http` -> `call-http`."""
    return form.replace(": ", "-")


def _with(function: str) -> str:
    return f"with-{escaped(function)}"


def _literally(name: str) -> str:
    """A pattern of exactly this name; editors take no escaped hyphen."""
    return re.escape(name).replace("\\-", "-")
