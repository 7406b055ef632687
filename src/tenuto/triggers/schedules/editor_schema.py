"""The JSON Schema of `schedules.yaml`, for editors: its keys, and the catalog's workflows."""

from typing import Any

from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.calls.contracts import request_schema
from tenuto.triggers.schedules.flat import KEYS, OF_ALL
from tenuto.triggers.schedules.model import ScheduledStart

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEFINITION = "^[^/:]+/[^/:]+(:[^/:]+)?$"
_WHENS = ("cron", "every", "calendars")

Schema = dict[str, Any]


def schedules_schema(catalog: Catalog) -> Schema:
    """A JSON Schema (2020-12) of the file. It refers to nothing outside itself.

    Names of workflows are offered from the catalog, and each one's input has its own form.
    """
    model = dict(request_schema(ScheduledStart))
    types = dict(model.pop("$defs"))
    keys = _keys(model["properties"] | types.pop("Timing")["properties"])
    inputs = _inputs(catalog)
    keys["run"] = {
        "description": keys["run"]["description"],
        "anyOf": [{"enum": sorted(inputs)}, {"type": "string", "pattern": _DEFINITION}],
    }
    return {
        "$schema": _DIALECT,
        "title": "Tenuto schedules",
        "type": "object",
        "additionalProperties": False,
        "required": ["schedules"],
        "properties": {
            "version": {"const": 1},
            "defaults": _closed({key: keys[key] for key in OF_ALL}),
            "schedules": {
                "type": "object",
                "propertyNames": model["properties"]["id"],
                "additionalProperties": {"$ref": "#/$defs/schedule"},
            },
        },
        "$defs": {
            **types,
            "schedule": {
                **_closed(keys),
                "required": ["run"],
                "anyOf": [{"required": [key]} for key in _WHENS],
                "allOf": [_when(name) for name in sorted(inputs)],
            },
            **{_place(name): schema for name, schema in inputs.items()},
            **_types(catalog),
        },
    }


def _keys(properties: Schema) -> Schema:
    """The keys in the order of the reference; one cron line may stand without a list."""
    keys = {key: dict(properties[key]) for key in KEYS}
    keys["cron"] = {**keys["cron"], "type": ["string", "array"]}
    return keys


def _closed(properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _when(name: str) -> Schema:
    """Without `input` the engine still asks for what the workflow needs; the check says so."""
    said = {"properties": {"run": {"const": name}}, "required": ["run"]}
    return {"if": said, "then": {"properties": {"input": {"$ref": f"#/$defs/{_place(name)}"}}}}


def _inputs(catalog: Catalog) -> dict[str, Schema]:
    forms = {}
    for name, entry in catalog.workflows.items():
        if entry.started_by is None:
            schema = {k: v for k, v in request_schema(entry.request).items() if k != "$defs"}
            forms[name] = _renamed(schema, name)
    return forms


def _types(catalog: Catalog) -> dict[str, Schema]:
    """What the inputs' forms refer to, under names that no two workflows share."""
    types = {}
    for name, entry in catalog.workflows.items():
        if entry.started_by is None:
            for key, schema in request_schema(entry.request).get("$defs", {}).items():
                types[f"{_place(name)}.{key}"] = _renamed(schema, name)
    return types


def _renamed(schema: Any, name: str) -> Any:
    """The form with its references led to `_types`."""
    if isinstance(schema, list):
        return [_renamed(each, name) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.replace("#/$defs/", f"#/$defs/{_place(name)}.", 1)
        if key == "$ref" and isinstance(value, str)
        else _renamed(value, name)
        for key, value in schema.items()
        if key != "discriminator"
    }


def _place(name: str) -> str:
    return f"input.{name}"
