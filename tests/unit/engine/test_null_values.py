"""`null` stands for a value only where the type says so."""

from typing import Annotated, Any, Literal, TypeVar

import pytest
from pydantic import BaseModel, Field

from tenuto.core.errors import DataError
from tenuto.engine.converter import data_converter

ItemT = TypeVar("ItemT")


class Request(BaseModel):
    """Any model."""

    name: str


@pytest.mark.parametrize(
    "hint", [Request, str, int, list[str], Annotated[str, Field(min_length=1)]]
)
async def test_null_for_a_type_without_null_is_a_data_error(hint: Any) -> None:
    converter = data_converter()
    payloads = await converter.encode([None])
    with pytest.raises(DataError) as refused:
        await converter.decode(payloads, [hint])
    assert refused.value.code == "input.invalid"


@pytest.mark.parametrize(
    "hint",
    [None, type(None), Any, object, ItemT, Request | None, str | None, Literal["a", None]],  # noqa: PYI061
)
async def test_null_is_kept_where_the_type_admits_it(hint: Any) -> None:
    converter = data_converter()
    payloads = await converter.encode([None])
    assert await converter.decode(payloads, [hint]) == [None]
    assert await converter.decode(payloads) == [None]


async def test_only_the_null_among_several_arguments_is_refused() -> None:
    converter = data_converter()
    payloads = await converter.encode(["a", None])
    optional: Any = str | None
    assert await converter.decode(payloads, [str, optional]) == ["a", None]
    with pytest.raises(DataError, match="of type str is expected"):
        await converter.decode(payloads, [str, str])
