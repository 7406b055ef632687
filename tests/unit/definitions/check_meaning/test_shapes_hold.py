"""What is worked out about an expression before a run holds for what the engine gives."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from tenuto.core.problem import Fault as Problem
from tenuto.definitions.check.shapes.jq import Fault, trace
from tenuto.definitions.check.shapes.shapes import Shape, of_literal, of_schema, union
from tenuto.definitions.check.shapes.templates import of_template
from tenuto.definitions.expressions import evaluate, evaluate_template

_KEYS = st.sampled_from(["a", "b", "c"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "7"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)
_STEPS = st.sampled_from(
    [".a", ".b", ".[0]", ".[-1]", ".[]", ".a?", ".[1:]", "[0]?", '."c"', ".a[]?"]
)
_LEAVES = st.sampled_from([".", ".a", ".b.c", "$v", "$v.a", "1", '"t"', "null", "[]", "{}", "true"])


def _composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    forms = [
        "({0} | {1})",
        "({0} + {1})",
        "({0} - {1})",
        "({0} // {1})",
        "({0}, {1})",
        "[{0}]",
        "{{a: {0}, b: {1}}}",
        '{{"c": {0}, (("a","b")): {1}}}',
        "(if {0} then {1} else {2} end)",
        "(if {0} then {1} end)",
        "({0} as $v | {1})",
        "({0} as [$v, $w] | {1})",
        "(reduce ({0})[]? as $v ({1}; {2}))",
        "(try {0} catch {1})",
        "({0})?",
        "({0} == {1} and {2})",
        "({0} < {1})",
        "({0} | map({1}))",
        "({0} | map_values({1}))",
        "({0} | select({1}))",
        "({0} | first)",
        "({0} | last)",
        "({0} | sort_by({1}))",
        "({0} | min_by({1}))",
        "({0} | add)",
        "({0} | to_entries)",
        "({0} | keys)",
        "({0} | length)",
        "({0} | tostring)",
        "({0} | tonumber)",
        "({0} | unique)",
        "({0} | has({1}))",
        "({0} | any)",
        "({0} | floor)",
        '"x\\({0})"',
        "({0} | .a = {1})",
        "({0} | .a |= {1})",
        "(def f: {0}; {1} | f)",
        "first({0})",
        "-({0})",
        "({0} | split({1}))",
        "({0} | reverse)",
        "({0} | error)",
        "({0} | .[{1}])",
        "({0} | with_entries({1}))",
    ]
    return st.builds(
        lambda form, parts: form.format(*parts),
        st.sampled_from(forms),
        st.lists(inner, min_size=3, max_size=3),
    ) | st.builds(
        lambda body, step: f"({body}) | {step if step[0] == '.' else '.' + step}", inner, _STEPS
    )


_EXPRESSIONS = st.recursive(_LEAVES, _composed, max_leaves=6)


def _fits(value: JsonValue, shape: Shape) -> bool:
    return shape.alternatives is None or any(
        _is(value, each) for each in shape.alternatives if each.kind == _kind(value)
    )


def _is(value: JsonValue, alternative: Any) -> bool:
    if isinstance(value, str) and alternative.texts is not None:
        return value in alternative.texts
    if isinstance(value, list):
        return alternative.element is None or all(
            _fits(each, alternative.element()) for each in value
        )
    if isinstance(value, dict):
        for name, member in value.items():
            if name in alternative.members:
                if not _fits(member, alternative.members[name]()):
                    return False
            elif alternative.is_closed:
                return False
    return True


def _kind(value: JsonValue) -> str:
    (shape,) = of_literal(value).kinds
    return shape


@settings(max_examples=300, deadline=None)
@given(expression=_EXPRESSIONS, data=_VALUES, other=_VALUES, variable=_VALUES)
def test_the_result_has_the_shape_that_was_worked_out(
    expression: str, data: JsonValue, other: JsonValue, variable: JsonValue
) -> None:
    """Whatever else the data may have been."""
    dot = union([of_literal(other), of_literal(data)])
    template = "${ " + expression + " }"
    expected = of_template([template], dot, {"v": of_literal(variable)})
    try:
        result = evaluate_template([template], data, {"v": variable})
    except Problem:
        return
    assert _fits(result, expected)


@settings(max_examples=200, deadline=None)
@given(steps=st.lists(_STEPS.filter(lambda s: "?" not in s), min_size=1, max_size=3), data=_VALUES)
def test_a_reading_of_the_wrong_kind_fails_in_the_engine(steps: list[str], data: JsonValue) -> None:
    expression = " | ".join(steps)
    readings = trace(expression, of_literal(data), {}).readings
    if any(each.fault in (Fault.NO_OBJECT, Fault.NO_ARRAY) for each in readings):
        try:
            assert evaluate(f"[{expression}]", data, {}) == []
        except Problem:
            return


@settings(max_examples=100, deadline=None)
@given(path=st.lists(_KEYS, min_size=1, max_size=3), data=_VALUES)
def test_a_field_that_is_never_there_is_null_in_the_engine(
    path: list[str], data: JsonValue
) -> None:
    expression = "." + ".".join(path)
    readings = trace(expression, of_literal(data), {}).readings
    if [each.fault for each in readings] == [Fault.NO_SUCH_FIELD]:
        assert evaluate(expression, data, {}) is None


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"$ref": "https://elsewhere.example/schema"},
        {"allOf": [{"type": "object"}]},
        {"properties": {"a": {}}},
        {"anyOf": [{"type": "object"}, True]},
        {"type": 3, "properties": []},
    ],
)
def test_a_schema_that_says_nothing_certain_gives_anything(schema: Any) -> None:
    shape = of_schema(schema)

    assert shape.is_any
    assert not shape.never_has("a")


def test_a_schema_that_refers_to_itself_is_followed_as_far_as_it_is_read() -> None:
    schema = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {"next": {"$ref": "#/$defs/node"}},
                "additionalProperties": False,
            }
        },
    }

    deep = of_schema(schema)
    for _ in range(50):
        deep = deep.member("next")

    assert deep.never_has("nxt")
