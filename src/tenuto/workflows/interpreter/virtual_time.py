"""An event loop whose clock jumps: waiting takes no time, and waiting for ever is noticed."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


_UNIT = timedelta(days=1)
"""What the loop takes for a second: asyncio never waits for more than a day of them at once, which
would make long waits many small ones."""


def loop_time(delay: timedelta) -> float:
    """`delay` as the virtual loop's own functions take it."""
    return delay / _UNIT


def passed() -> timedelta:
    """Virtual time since the loop began."""
    return asyncio.get_running_loop().time() * _UNIT


class WaitsForEver(Exception):  # noqa: N818 (what it found)
    """Everything waits, and nothing is going to happen."""


def run_in_virtual_time(
    main: Coroutine[Any, Any, ResultT], *, when_idle: Callable[[], bool] = lambda: False
) -> ResultT:
    """What `main` returns; its sleeps and timeouts pass at once, in their order.

    `when_idle` is called before time passes, and says whether it has given somebody something to
    do. Not for use inside a running event loop. Raises WaitsForEver when `main` waits for
    something that only the world outside could bring.
    """
    loop = _Loop(when_idle)
    try:
        return loop.run_until_complete(main)
    finally:
        loop.finish()
        loop.close()


class _Clock(selectors.SelectSelector):
    """Stands where the loop waits for the outside, and lets time pass instead."""

    def __init__(self, when_idle: Callable[[], bool]) -> None:
        super().__init__()
        self.seconds = 0.0
        self.when_idle = when_idle

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout == 0 or self.when_idle():
            return []
        if timeout is None:
            raise WaitsForEver
        self.seconds += timeout
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, when_idle: Callable[[], bool]) -> None:
        self._virtual = _Clock(when_idle)
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.seconds

    def finish(self) -> None:
        """Cancels what still waits, so that nothing is left behind."""
        self._virtual.when_idle = lambda: False
        left = asyncio.all_tasks(self)
        for task in left:
            task.cancel()
        if left:
            self.run_until_complete(asyncio.gather(*left, return_exceptions=True))
