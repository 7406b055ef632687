"""Keywords of the input's schema that no run acts on."""

from typing import Any

import pytest

RATE = "type: object, properties: {{rate: {{{0}}}, other: {{{0}}}}}"


def _found(schema: str, find: Any) -> list[tuple[str, str]]:
    text = f"input: {{schema: {{document: {{{schema}}}}}}}\ndo: [{{a: {{set: {{x: 1}}}}}}]"
    return [(each.code, each.path.rpartition("/document")[2]) for each in find(text)]


def test_each_keyword_is_found_once_where_it_stands_first(find: Any) -> None:
    schema = RATE.format("type: string, default: '1', format: date")
    assert _found(schema, find) == [
        ("W212", "/properties/rate/default"),
        ("W212", "/properties/rate/format"),
    ]


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("items: {default: 1}", "/items/default"),
        ("anyOf: [{type: 'null'}, {format: uri}]", "/anyOf/1/format"),
        ("$defs: {format: {format: uri}}", "/$defs/format/format"),
        ("additionalProperties: {default: 1}", "/additionalProperties/default"),
    ],
)
def test_schemas_inside_are_read(schema: str, path: str, find: Any) -> None:
    assert _found(schema, find) == [("W212", path)]


@pytest.mark.parametrize(
    "schema",
    [
        "properties: {default: {type: string}, format: {type: string}}",
        "properties: {price: {type: string, format: decimal}}",
        "const: {default: 1}",
        "examples: [{format: date}]",
        "required: [default, format]",
    ],
)
def test_names_values_and_the_mark_of_an_amount_are_no_such_keywords(
    schema: str, find: Any
) -> None:
    assert _found(schema, find) == []


def test_the_remedies_say_what_works(find: Any) -> None:
    schema = RATE.format("default: '1', format: date")
    text = f"input: {{schema: {{document: {{{schema}}}}}}}\ndo: [{{a: {{set: {{x: 1}}}}}}]"
    default, form = find(text)
    assert '// "0.02"' in default.remedy
    assert "`pattern`" in form.remedy
