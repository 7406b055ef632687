"""Which fields of an input rules can read, and as what."""

from typing import Any

import pytest

from tenuto.app import project_catalog
from tenuto.engine.rules import start_schemas
from tenuto.engine.settings import load_settings
from tenuto.policy.cedar import Grammar
from tenuto.policy.input_types import input_fields
from tenuto.policy.types import schema_text


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, '{"x": String}'),
        ({"type": "string", "format": "date"}, '{"x": String}'),
        ({"enum": ["a", "b"]}, '{"x": String}'),
        ({"const": "a"}, '{"x": String}'),
        ({"type": "integer"}, '{"x": Long}'),
        ({"enum": [1, 2]}, '{"x": Long}'),
        ({"type": "number"}, '{"x": decimal}'),
        ({"anyOf": [{"type": "number"}, {"type": "string"}]}, '{"x": decimal}'),
        ({"type": "boolean"}, '{"x": Bool}'),
        ({"type": "array", "items": {"type": "string"}}, '{"x": Set<String>}'),
        ({"type": "object", "properties": {"y": {"type": "integer"}}}, '{"x": {"y"?: Long}}'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, '{"x"?: Long}'),
        ({"$ref": "#/$defs/Party"}, '{"x": {"name": String}}'),
        ({"$ref": "#/$defs/Tree"}, '{"x": {"leaf": String}}'),
        ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "{}"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "{}"),
        ({"type": "array", "prefixItems": [{"type": "string"}]}, "{}"),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "{}"),
        ({}, "{}"),
        (True, "{}"),
        ({"$ref": "https://elsewhere.example/schema"}, "{}"),
    ],
)
def test_one_field(schema: Any, text: str) -> None:
    name = {"name": {"type": "string"}}
    tree = {"leaf": {"type": "string"}, "inner": {"$ref": "#/$defs/Tree"}}
    whole = {
        "type": "object",
        "$defs": {
            "Party": {"type": "object", "properties": name, "required": ["name"]},
            "Tree": {"type": "object", "properties": tree, "required": ["leaf"]},
        },
        "properties": {"x": schema},
        "required": ["x"],
    }
    fields = input_fields(whole)
    assert fields is not None
    assert schema_text(fields) == text


def test_a_field_with_a_default_is_always_there() -> None:
    fields = input_fields(
        {"type": "object", "properties": {"x": {"type": "boolean", "default": True}}}
    )
    assert fields is not None
    assert schema_text(fields) == '{"x": Bool}'


def test_a_name_that_cedar_would_misread_is_escaped() -> None:
    odd = 'a"b\\c\n'
    fields = input_fields(
        {"type": "object", "properties": {odd: {"type": "string"}}, "required": [odd]}
    )
    assert fields is not None
    Grammar({"odd": {"type": "object", "properties": {odd: {"type": "string"}}}}, {})
    assert schema_text(fields) == r'{"a\"b\\c\u{a}": String}'


def test_every_input_of_the_catalog_has_its_fields_or_is_left_out_the_same_way_each_time() -> None:
    schemas = start_schemas(project_catalog(load_settings()))
    first, second = Grammar(schemas, {}), Grammar(schemas, {})
    assert first.schema == second.schema
    assert '"nav_type": String' in first.schema
    assert set(schemas) <= {name.partition("/")[2] for name in first.actions}
