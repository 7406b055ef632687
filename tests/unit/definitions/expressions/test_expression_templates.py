"""Which texts are expressions, and what a template becomes."""

import pytest
from pydantic import JsonValue

from tenuto.core.problem import Fault
from tenuto.definitions.expressions import (
    evaluate_template,
    expression_in,
    has_embedded_expression,
    holds,
    is_expression,
)


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("${ .a }", ".a"),
        ("  ${.a}\n", ".a"),
        ("${ {a: {b: 1}} }", "{a: {b: 1}}"),
        ('${ "}" }', '"}"'),
        ('${ "\\"}" }', '"\\"}"'),
        ('${ "\\( {a: "}"} )" }', '"\\( {a: "}"} )"'),
        ("${ .a # } \n}", ".a # }"),
        ("${ }", ""),
        ("${ {a: 1 }", "{a: 1"),
        ('${ "open }', '"open'),
        ("${ .a\n| .b }", ".a\n| .b"),
    ],
)
def test_a_whole_text_is_an_expression(text: str, inner: str) -> None:
    assert is_expression(text)
    assert expression_in(text) == inner
    assert not has_embedded_expression(text)


@pytest.mark.parametrize(
    "text", ["Hello ${ .x }!", "${ .a } and ${ .b }", "x${", "${ .a }.", "{ ${ .a } }", "${ .a } }"]
)
def test_an_expression_inside_a_text_is_literal(text: str) -> None:
    assert not is_expression(text)
    assert has_embedded_expression(text)
    assert evaluate_template(text, {"x": 1, "a": 1}, {}) == text


@pytest.mark.parametrize(
    "value", ["", "plain", "$a", "{a}", "$", 1, None, ["${ .a }"], {"a": "${ .a }"}]
)
def test_everything_else_is_no_expression(value: JsonValue) -> None:
    assert not is_expression(value)
    if isinstance(value, str):
        assert not has_embedded_expression(value)
        assert expression_in(value) == value


def test_a_bare_expression_comes_back_stripped() -> None:
    assert expression_in("  .a | .b \n") == ".a | .b"


def test_a_template_is_filled_at_every_level() -> None:
    template: JsonValue = {
        "order": {"id": "${ .id }", "lines": ["${ .lines[0] }", "fixed", 3, None, True]},
        "who": "${ $workflow.id }",
        "${ .key }": "keys are literal",
    }
    data: JsonValue = {"id": 7, "lines": [{"sku": "A"}], "key": "no"}
    assert evaluate_template(template, data, {"workflow": {"id": "w1"}}) == {
        "order": {"id": 7, "lines": [{"sku": "A"}, "fixed", 3, None, True]},
        "who": "w1",
        "${ .key }": "keys are literal",
    }


def test_what_an_expression_gives_is_not_evaluated_again() -> None:
    data: JsonValue = {"text": "${ .secret }", "secret": "seen"}
    assert evaluate_template({"a": "${ .text }"}, data, {}) == {"a": "${ .secret }"}
    assert evaluate_template("${ . }", data, {}) == data
    assert evaluate_template("${ $v }", None, {"v": "${ now }"}) == "${ now }"


def test_a_template_is_not_changed() -> None:
    template: JsonValue = {"a": ["${ . }"]}
    assert evaluate_template(template, 1, {}) == {"a": [1]}
    assert template == {"a": ["${ . }"]}


def test_an_error_in_a_template_is_a_fault_that_names_the_expression() -> None:
    with pytest.raises(Fault, match=r"`\.a\.b` cannot be evaluated"):
        evaluate_template({"x": ["${ .a.b }"]}, {"a": 1}, {})


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        (".a", {"a": 0}, True),
        (".a", {"a": ""}, True),
        (".a", {"a": []}, True),
        (".a", {"a": False}, False),
        (".a", {"a": None}, False),
        (".a", {}, False),
        (".a", None, False),
        ("empty", None, False),
        (".a > 1", {"a": 2}, True),
        (".a == 0.0", {"a": 0}, True),
    ],
)
def test_a_condition_holds_unless_false_or_null(text: str, data: JsonValue, expected: bool) -> None:
    assert holds(text, data, {}) is expected
