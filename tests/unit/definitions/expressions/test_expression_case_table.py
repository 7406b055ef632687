"""The table of expressions that Tenuto promises, and another jq that agrees with it."""

import json
from typing import Any

import pytest
from pydantic import JsonValue

from jq_cases import CASES, VARIABLES
from tenuto.definitions.expressions import check_expression, evaluate


def shown(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len({(text, shown(data)) for text, data, _ in CASES}) == len(CASES) >= 200


@pytest.mark.parametrize(("text", "data", "expected"), CASES)
def test_the_first_result_is(text: str, data: JsonValue, expected: JsonValue) -> None:
    assert shown(evaluate(text, data, VARIABLES)) == shown(expected)
    assert check_expression(text, frozenset(VARIABLES)) == []


def test_another_jq_gives_the_same_results() -> None:
    jq = pytest.importorskip("jq", reason="the C binding `jq` is not installed")
    for text, data, expected in CASES:
        results = jq.compile(text, args=VARIABLES).input_value(data).all()
        assert (results[0] if results else None) == expected, text


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        (".a", {"a": 9007199254740993}, 9007199254740993),
        (".a + 1", {"a": 9007199254740993}, 9007199254740994),
        (". * .", 12345678901234567890, 12345678901234567890**2),
        ("tojson", 9007199254740993, "9007199254740993"),
        ("fromjson", "9007199254740993", 9007199254740993),
        ("9007199254740993", None, 9007199254740993),
    ],
)
def test_integers_are_exact_where_others_round(
    text: str, data: JsonValue, expected: JsonValue
) -> None:
    assert evaluate(text, data, {}) == expected


def test_no_result_is_null() -> None:
    assert evaluate("empty", None, {}) is None
    assert evaluate("[]|.[]", None, {}) is None


def test_what_comes_after_the_first_result_is_not_computed() -> None:
    assert evaluate("1, error", None, {}) == 1
    assert evaluate("range(1e15)", None, {}) == 0
