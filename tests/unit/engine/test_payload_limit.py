"""A value the engine cannot take is refused where it is made, once, with its size."""

import pytest

from tenuto.core.errors import DataError
from tenuto.engine.converter import MOST_PAYLOAD_BYTES, data_converter


async def test_a_value_above_the_limit_is_a_data_error() -> None:
    with pytest.raises(DataError) as refused:
        await data_converter().encode(["x" * 3_000_000])
    assert refused.value.code == "payload.too-large"
    assert refused.value.details == {"bytes": 3_000_002, "limit": MOST_PAYLOAD_BYTES}


async def test_arguments_count_together() -> None:
    half = "x" * (MOST_PAYLOAD_BYTES // 2)
    await data_converter().encode([half])
    with pytest.raises(DataError, match="larger than the engine takes"):
        await data_converter().encode([half, half])
