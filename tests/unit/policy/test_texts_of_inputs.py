"""Rules about texts see every text of an input, whatever its shape."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from rule_desk import ask, rules_in, workflow
from tenuto.policy.texts import joined, lines_of, texts_of

RULES = r"""
@id("start") permit (principal, action in Action::"workflow:start", resource);
@id("begins") forbid (principal, action in Action::"workflow:start", resource)
when { context.text like "*\nforbidden*" };
@id("holds") forbid (principal, action in Action::"workflow:start", resource)
when { context.joined like "*drop table*" };
"""
SHAPES: list[Any] = [
    "{}",
    ["{}"],
    ["fine", "{}"],
    {"text": "{}"},
    {"steps": [{"args": ["a", 1, {"deep": "{}"}]}]},
    {"{}": 1},
    [["{}"]],
]


def _filled(shape: Any, text: str) -> Any:
    if isinstance(shape, str):
        return shape.replace("{}", text)
    if isinstance(shape, list):
        return [_filled(each, text) for each in shape]
    if isinstance(shape, dict):
        return {_filled(key, text): _filled(each, text) for key, each in shape.items()}
    return shape


@pytest.mark.attack
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("forbidden: rm -rf prod", "begins"),
        ("  FORBIDDEN", "begins"),
        ("\uff46\uff4f\uff52bidden", "begins"),
        ("for\u200bbidden", "begins"),
        ("\nforbidden", "begins"),
        ("x; Drop\u00a0 TABLE users", "holds"),
    ],
)
def test_inv_5_both_rules_see_every_shape(tmp_path: Path, shape: Any, text: str, rule: str) -> None:
    untyped: dict[str, Any] = {}
    policy = rules_in(tmp_path, RULES, anything=untyped)
    question = ask("workflow:start", workflow("anything"), input=_filled(shape, text))
    assert [each.rule for each in policy.decide(question).reasons] == [rule]
    harmless = ask("workflow:start", workflow("anything"), input=_filled(shape, "not forbidden"))
    assert policy.decide(harmless).allowed


@pytest.mark.attack
def test_inv_4_a_text_over_several_arguments_is_one_text(tmp_path: Path) -> None:
    policy = rules_in(tmp_path, RULES, anything={})
    question = ask("workflow:start", workflow("anything"), input=["drop", "table", "users"])
    assert not policy.decide(question).allowed


def test_names_of_declared_fields_are_no_texts() -> None:
    schema = {
        "properties": {"forbidden": {"$ref": "#/$defs/Inner"}, "map": {"type": "object"}},
        "$defs": {"Inner": {"properties": {"drop": {"type": "string"}}}},
    }
    value: JsonValue = {"forbidden": {"drop": "a", "other": "b"}, "map": {"key": "c"}}
    assert texts_of(value, schema) == ["a", "other", "b", "key", "c"]


@given(st.lists(st.text()))
def test_every_text_begins_a_line_and_none_forges_one(texts: list[str]) -> None:
    found = texts_of(list(texts), {})
    assert lines_of(found).count("\n") == len(texts)
    assert "\n" not in joined(found)
