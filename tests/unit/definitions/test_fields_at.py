"""Which keys a model takes at a place that pydantic's errors name."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from tenuto.definitions.model_paths import fields_at


class Red(BaseModel, extra="forbid"):
    kind: Literal["red"]
    shade: int = 0


class Blue(BaseModel, extra="forbid"):
    kind: Literal["blue"]
    depth: int = 0


class Box(BaseModel, extra="forbid"):
    lid: Annotated[Red | Blue, Field(discriminator="kind")] | None = None
    inner: "dict[str, Box]" = Field(default_factory=dict)
    stack: tuple[Red, ...] = ()
    label: str = Field(default="", alias="text")


KEYS = ["lid", "inner", "stack", "text"]


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ({"x": 1}, KEYS),
        ({"lid": {"kind": "blue", "x": 1}}, ["kind", "depth"]),
        ({"stack": [{"kind": "red"}, {"kind": "red", "x": 1}]}, ["kind", "shade"]),
        ({"inner": {"lid": {"inner": {"stack": {"x": 1}}}}}, KEYS),
    ],
)
def test_keys_at_the_place_of_an_unknown_one(written: object, known: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Box.model_validate(written)
    (error,) = refused.value.errors()
    assert error["type"] == "extra_forbidden"
    assert fields_at(Box, error["loc"][:-1]) == known


@pytest.mark.parametrize("place", [("text",), ("nowhere",), ("stack", "text"), ("inner", "a", "b")])
def test_no_keys_where_no_model_stands(place: tuple[str, ...]) -> None:
    assert fields_at(Box, place) == []
