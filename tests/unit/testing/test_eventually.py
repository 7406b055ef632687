"""Waiting for a claim: its result, its last complaint, or its failure."""

import asyncio
import itertools

import pytest

from tenuto.testing import eventually


async def test_it_returns_the_result_of_a_plain_or_async_check() -> None:
    async def answer() -> int:
        return 42

    assert await eventually(lambda: "done") == "done"
    assert await eventually(answer) == 42


async def test_it_asks_again_until_the_claim_holds() -> None:
    counted = itertools.count(1)

    def third_time() -> int:
        number = next(counted)
        assert number >= 3
        return number

    assert await eventually(third_time) == 3


async def test_it_raises_the_last_complaint() -> None:
    counted = itertools.count(1)

    def never() -> None:
        raise AssertionError(f"complaint {next(counted)}")

    with pytest.raises(AssertionError) as gave_up:
        await eventually(never, timeout_s=0.1)
    assert str(gave_up.value) == f"complaint {next(counted) - 1}"
    assert next(counted) > 3


async def test_any_other_error_ends_the_waiting_at_once() -> None:
    counted = itertools.count(1)

    def broken() -> None:
        next(counted)
        raise LookupError

    with pytest.raises(LookupError):
        await eventually(broken)
    assert next(counted) == 2


async def test_others_run_while_it_waits() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, event.set)

    def is_set() -> None:
        assert event.is_set()

    await eventually(is_set)
