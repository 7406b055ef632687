"""An error in one line still says what is wrong."""

from typing import Literal

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from tenuto.core.one_line import one_line


class Order(BaseModel, extra="forbid"):
    """Something with fields that can be wrong."""

    amount: int
    side: Literal["buy", "sell"] = "buy"

    @model_validator(mode="after")
    def _is_whole(self) -> "Order":
        if self.amount > 10:
            raise ValueError("too much at once")
        return self


THREE = (
    "3 validation errors for Order: `amount`: Field required; `side`: Input should be 'buy' or"
    " 'sell'; `curency`: Extra inputs are not permitted"
)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"side": "hold", "curency": "[type=x]\n"}, THREE),
        ({"amount": 11}, "1 validation error for Order: Value error, too much at once"),
    ],
)
def test_every_problem_of_a_model_is_named(given: dict[str, object], line: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Order.model_validate(given)
    assert one_line(str(refused.value)) == line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("first\nsecond", "first"),
        ("", ""),
        ("\n", ""),
        ("1 validation error for X", "1 validation error for X"),
    ],
)
def test_of_others_it_is_the_first_line(message: str, line: str) -> None:
    assert one_line(message) == line
