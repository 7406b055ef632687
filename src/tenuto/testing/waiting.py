"""Waiting for something to become true, without guessing how long it takes."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

_POLL_S = 0.02
_SLOWEST_POLL_S = 0.5
_Result = TypeVar("_Result")


@overload
async def eventually(
    check: Callable[[], Awaitable[_Result]], *, timeout_s: float = ...
) -> _Result: ...
@overload
async def eventually(check: Callable[[], _Result], *, timeout_s: float = ...) -> _Result: ...
async def eventually(
    check: Callable[[], _Result | Awaitable[_Result]], *, timeout_s: float = 20.0
) -> _Result:
    """Calls `check`, plain or async, until it raises no AssertionError; returns its result.

    Raises the last AssertionError after `timeout_s`, and any other exception at once.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    pause = _POLL_S
    while True:
        try:
            found = check()
            return await found if inspect.isawaitable(found) else found
        except AssertionError:
            if loop.time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _SLOWEST_POLL_S)
