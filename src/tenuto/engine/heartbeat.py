"""A heartbeat for every activity that has a heartbeat time-out, whether or not its body sends one.

A killed worker is noticed when heartbeats stop, and only then: without them its activities wait
for their start-to-close time-out. A body that reports progress keeps doing so; what it said last
is repeated, never replaced.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)


class SteadyHeartbeat(Interceptor):
    """Sends a heartbeat three times per heartbeat time-out for as long as a body runs.

    Beats come from the worker's event loop. A body that blocks the loop (blocking work in an
    `async def`) stops them, and is rightly taken for dead; one that hangs in its own thread is
    caught by its start-to-close time-out.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """Wraps activity execution."""
        return _Beating(next)


class _Beating(ActivityInboundInterceptor):
    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        self._outbound = _Remembering(outbound)
        self.next.init(self._outbound)

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        limit = activity.info().heartbeat_timeout
        if not limit:
            return await self.next.execute_activity(input)
        beating = asyncio.create_task(self._beat(limit / 3))
        try:
            return await self.next.execute_activity(input)
        finally:
            beating.cancel()

    async def _beat(self, pause: timedelta) -> None:
        while True:
            await asyncio.sleep(pause.total_seconds())
            self._outbound.repeat()


class _Remembering(ActivityOutboundInterceptor):
    def __init__(self, next: ActivityOutboundInterceptor) -> None:  # noqa: A002 (the SDK's name)
        super().__init__(next)
        self._last: tuple[Any, ...] | None = None

    def heartbeat(self, *details: Any) -> None:
        self._last = details
        self.next.heartbeat(*details)

    def repeat(self) -> None:
        """Beats with the last details; before the first, with those of the attempt before."""
        last = activity.info().heartbeat_details if self._last is None else self._last
        self.next.heartbeat(*last)
