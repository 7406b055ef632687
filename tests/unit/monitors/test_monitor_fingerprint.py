"""Equal states have equal fingerprints, and spelling is no change of meaning."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenuto.packs.monitors.judging.comparing import differences, filled, summary
from tenuto.packs.monitors.judging.fingerprint import fingerprint, in_one_form
from tenuto.packs.monitors.judging.same_meaning import plain_date, plain_number, plain_text
from tenuto.packs.monitors.judging.values import value_of
from tenuto.packs.monitors.models import SchemaField

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 1e23}, {"a": 10**23}),
        ({"a": 0}, {"a": -0.0}),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}),
        ({"a": [{"x": [1, 2]}, {"x": [3]}]}, {"a": [{"x": [3.0]}, {"x": [2, 1]}]}),
        ({"a": "caf\u00e9"}, {"a": "cafe\u0301"}),
        ({"caf\u00e9": 1}, {"cafe\u0301": 1}),
        ({"a": 1, "_metadata": {"at": 1}}, {"a": 1, "_metadata": {"at": 2}}),
        ({"a": 1, "_metadata": {}}, {"a": 1}),
    ],
    ids=[
        "keys",
        "number",
        "large",
        "zero",
        "list",
        "nested",
        "unicode",
        "unicode key",
        "metadata",
        "no metadata",
    ],
)
def test_tor_5_equal_states_have_one_fingerprint(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert fingerprint(one) == fingerprint(other)
    assert len(fingerprint(one)) == 16


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": None}, {"a": 0}),
        ({"a": None}, {}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": "1"}),
        ({"a": ["x", "x"]}, {"a": ["x"]}),
        ({"a": 1.1}, {"a": 1.10000001}),
        ({"a": [["x"], ["y"]]}, {"a": [["x", "y"]]}),
        ({"_metadata": 1, "a": 1}, {"metadata": 1, "a": 1}),
    ],
)
def test_tor_5_other_states_have_another_fingerprint(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert fingerprint(one) != fingerprint(other)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), _JSON, max_size=5), st.randoms(use_true_random=False))
def test_tor_5_order_and_unicode_form_never_matter(state: dict[str, Any], random: Any) -> None:
    def stirred(value: Any) -> Any:
        if isinstance(value, dict):
            keys = list(value)
            random.shuffle(keys)
            return {key: stirred(value[key]) for key in keys}
        if isinstance(value, list):
            return random.sample([stirred(each) for each in value], len(value))
        return unicodedata.normalize("NFC", value) if isinstance(value, str) else value

    assert fingerprint(stirred(state)) == fingerprint(state)
    assert in_one_form(in_one_form(state)) == in_one_form(state)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sept 12", "September 12"),
        ("Sep. 12th, 2026", "12 September 2026"),
        ("launch on the 3rd of May", "Launch on 3 May"),
        ("1,234.50 EUR", "1234.5 EUR"),
        ("It\u2019s \u201cnew\u201d \u2013 at last.", 'it\'s "new" - at last'),
        ("two\u00a0 words", "two words"),
        ("\uff11\uff12", "12"),
    ],
)
def test_tor_5_spelling_is_no_change(one: str, other: str) -> None:
    assert plain_text(one) == plain_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sept 12", "Sept 13"),
        ("Sept 12, 2026", "Sept 12, 2027"),
        ("03/04/2026", "04/03/2026"),
        ("1.234", "1,234"),
        ("1.5", "1.50.1"),
        ("-5", "5"),
        ("not out", "out"),
    ],
)
def test_tor_5_what_means_something_else_stays_different(one: str, other: str) -> None:
    assert plain_text(one) != plain_text(other)


@given(st.text(max_size=200))
def test_plain_text_is_idempotent_and_never_fails(text: str) -> None:
    assert isinstance(plain_text(text), str)
    plain_date(text)
    plain_number(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-09-12", "2026-09-12"),
        ("2026-09-12T10:00:00Z", "2026-09-12"),
        ("Sept 12", "--09-12"),
        ("12 September 2026", "2026-09-12"),
        ("Feb 29", "--02-29"),
        ("Feb 30, 2026", None),
        ("2026-13-01", None),
        ("03/04/2026", None),
        ("next week", None),
    ],
)
def test_dates_are_read_only_where_one_day_is_meant(text: str, date: str | None) -> None:
    assert plain_date(text) == date


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", "1234.5"),
        ("0.10", "0.1"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        ("1.234.567", None),
        ("1e999999999", None),
        ("12 apples", None),
    ],
)
def test_numbers_are_exact(text: str, number: str | None) -> None:
    assert plain_number(text) == number


FIELDS = (
    SchemaField(name="price", type="number"),
    SchemaField(name="day", type="date"),
    SchemaField(name="open", type="bool"),
    SchemaField(name="kind", type="enum", options=("a", "b")),
    SchemaField(name="words", type="string"),
)
BEFORE: dict[str, Any] = {
    "price": "1",
    "day": "2026-09-12",
    "open": True,
    "kind": "a",
    "words": "blue",
}


@pytest.mark.parametrize(
    ("changed", "certain", "unclear"),
    [
        ({"price": 1.0}, 0, 0),
        ({"price": "2"}, 1, 0),
        ({"day": "--09-12"}, 0, 1),
        ({"day": "--09-13"}, 1, 0),
        ({"open": False}, 1, 0),
        ({"kind": "b"}, 1, 0),
        ({"kind": None}, 1, 0),
        ({"words": "Blue."}, 0, 0),
        ({"words": "bluish"}, 0, 1),
        ({"words": None}, 1, 0),
    ],
)
def test_tor_5_each_type_is_compared_by_its_own_rule(
    changed: dict[str, Any], certain: int, unclear: int
) -> None:
    found = differences(BEFORE, {**BEFORE, **changed}, FIELDS)
    assert (len(found.certain), len(found.unclear)) == (certain, unclear)


def test_tor_5_another_schema_keeps_what_is_known() -> None:
    fields = (*FIELDS, SchemaField(name="new", type="string"))
    assert differences(BEFORE, {**BEFORE, "new": "x"}, fields).is_equal
    assert differences({**BEFORE, "old": 1}, BEFORE, FIELDS).is_equal
    found = differences({**BEFORE, "new": None}, {**BEFORE, "new": "x"}, fields)
    assert summary(found.certain) == "new: nothing -> x"


def test_tor_3_what_an_answer_leaves_out_is_still_known() -> None:
    assert filled({"a": 1, "b": None}, {"a": None, "b": None, "c": 2}) == {
        "a": 1,
        "b": None,
        "c": 2,
    }


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "EUR 1,234.50 a piece", "1234.5"),
        ("number", "  ", None),
        ("bool", "Yes", True),
        ("bool", "off", False),
        ("enum", " B ", "b"),
        ("string", " a b ", "a b"),
    ],
)
def test_values_are_read_by_type(kind: Any, text: str, value: Any) -> None:
    options = ("a", "b") if kind == "enum" else ()
    assert value_of(SchemaField(name="x", type=kind, options=options), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [("number", "1 or 2"), ("number", "none"), ("date", "soon"), ("bool", "maybe"), ("enum", "c")],
)
def test_what_a_field_cannot_be_is_refused(kind: Any, text: str) -> None:
    options = ("a", "b") if kind == "enum" else ()
    with pytest.raises(ValueError, match="expected"):
        value_of(SchemaField(name="x", type=kind, options=options), text)


def test_a_decimal_comma_is_read_where_the_monitor_says_so() -> None:
    field = SchemaField(name="x", type="number")
    assert value_of(field, "1.234,50 EUR", decimal_comma=True) == "1234.5"
