"""One form per JSON value."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenuto.core.canonical import canonical_json
from tenuto.core.errors import UsageError
from tenuto.core.records import Record


class Side(StrEnum):
    BUY = "buy"


class Price(Record):
    isin: str
    amount: Decimal
    on: date


def test_the_form_is_known_to_the_byte() -> None:
    value = {"z": [1, 2.5, None, True], "a": {"é": "ü\n"}, "B": "\u2028"}

    assert canonical_json(value) == '{"B":"\u2028","a":{"é":"ü\\n"},"z":[1,2.5,null,true]}'.encode()


def test_models_are_written_as_pydantic_writes_them() -> None:
    price = Price(isin="US0378331005", amount=Decimal("1.10"), on=date(2022, 12, 28))
    expected = b'{"amount":"1.10","isin":"US0378331005","on":"2022-12-28"}'

    assert canonical_json(price) == expected
    assert canonical_json({"p": [price]}) == b'{"p":[' + expected + b"]}"


def test_equal_values_of_other_types_have_one_form() -> None:
    assert canonical_json((1, Side.BUY)) == canonical_json([1, "buy"])
    assert canonical_json(MappingProxyType({"a": 1})) == canonical_json({"a": 1})


@settings(deadline=None)
@given(value=st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers()))
def test_the_order_of_keys_does_not_matter(value: Mapping[str, int]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(list(value.items()))))


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"nav": [{"amount": Decimal("1.10")}]}, "$.nav[0].amount is a Decimal"),
        ({"on": date(2022, 12, 28)}, "$.on is a date"),
        ([{1, 2}], "$[0] is a set"),
        (b"bytes", "$ is a bytes"),
        ({"a": {1: "x"}}, "a key of $.a is 1, a int"),
        ({"a": float("nan")}, "$.a is nan"),
        ([float("-inf")], "$[0] is -inf"),
    ],
)
def test_what_has_no_exact_form_is_refused_with_its_place(value: Any, where: str) -> None:
    with pytest.raises(UsageError) as caught:
        canonical_json(value)

    assert caught.value.code == "artifact.not-json"
    assert caught.value.message.startswith(where)


def test_a_value_that_cannot_be_encoded_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)

    for value in (endless, "\ud800"):
        with pytest.raises(UsageError, match="cannot be written as JSON"):
            canonical_json(value)
