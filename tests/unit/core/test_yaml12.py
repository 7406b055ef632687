"""YAML 1.2: what PyYAML's own constructor would have changed in silence."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import MAX_DEPTH, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on: yes", {"on": "yes"}),
        ("a: 17:30", {"a": "17:30"}),
        ("a: 010", {"a": 10}),
        ("a: 0o10", {"a": 8}),
        ("a: 0xff", {"a": 255}),
        ("a: 2026-03-31", {"a": "2026-03-31"}),
        ("a: '1'", {"a": "1"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: True", {"a": True}),
        ("a: 0.1", {"a": 0.1}),
        ("a: -.5e3", {"a": -500.0}),
        ("- 1\n- [b, {c: 2}]", [1, ["b", {"c": 2}]]),
        ("", None),
        ("a: |\n  1\n", {"a": "1\n"}),
        ("a: " + "9" * 5000, {"a": Decimal("9" * 5000)}),
        ("a: 1e400", {"a": Decimal("1e400")}),
        ("a: 1e99999999999999999999999", {"a": "1e99999999999999999999999"}),
    ],
)
def test_values_of_the_core_schema(text: str, value: Any) -> None:
    assert read_yaml(text, "f") == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_number_is_lost(number: Decimal) -> None:
    read = read_yaml(f"a: {number:f}", "f")["a"]
    assert Decimal(str(read)) == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2", r"f\.yaml:2:"),
        ("a: 1\nb: 2\na: 3", r"f\.yaml:3:1: `a` is given twice"),
        ("a: &x [1]\nb: *x", r"f\.yaml:1:4: anchors and aliases"),
        ("a: 1\n---\nb: 2", "only one document"),
        ("[" * (MAX_DEPTH + 1), "nested deeper than 64"),
        ("[" * 100_000, "nested deeper than 64"),
        ("? [a]\n: b", "a key must be a plain value"),
        ("a: " + "x" * 1_000_001, "larger than 1000000 bytes"),
        ("a: \x00", "not valid YAML"),
        ("b: 1\na: \ud800", r"f\.yaml:2:4: not valid YAML: the character U\+D800"),
        ("a: !!str 1", r"f\.yaml:1:4: the tag `!!str` is not allowed"),
        ("a: !<x> 1", "the tag `x` is not allowed"),
    ],
)
def test_what_is_refused_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_yaml(text, "f.yaml")
