"""How much a trigger takes in how long, in this process."""

import math
from collections.abc import Mapping

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from tenuto.engine.runs.moments import now
from tenuto.triggers.events.model import Rate


class Rates:
    """The deliveries of each trigger in a window that moves with time."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._items = {
            name: RateLimitItemPerSecond(rate.count, math.ceil(rate.per.total_seconds()))
            for name, rate in rates.items()
        }

    async def wait_s(self, name: str) -> int:
        """0 where one more is taken now, else how many seconds to wait."""
        item = self._items.get(name)
        if item is None or await self._limiter.hit(item, name):
            return 0
        window = await self._limiter.get_window_stats(item, name)
        return max(1, math.ceil(window.reset_time - now().timestamp()))
