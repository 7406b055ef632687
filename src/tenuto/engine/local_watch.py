"""A worker interceptor that flags local activities which are too slow to be local.

A local activity holds its workflow's task open and leaves no event until it ends, so it is meant
for pure functions of a few milliseconds.
"""

import logging
import time
from typing import Any

from temporalio import activity
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

SLOW_S = 2.0
"""From here on a local activity delays every other run of its worker's slot noticeably."""

_log = logging.getLogger(__name__)


class LocalActivityWatch(Interceptor):
    """Logs `local_activity_slow` and counts it when a local activity takes over two seconds."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """Wraps activity execution."""
        return _Watched(next)


class _Watched(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        info = activity.info()
        if not info.is_local:
            return await self.next.execute_activity(input)
        began = time.monotonic()
        try:
            return await self.next.execute_activity(input)
        finally:
            took = time.monotonic() - began
            if took > SLOW_S:
                _flag(info, took)


def _flag(info: activity.Info, took: float) -> None:
    activity.metric_meter().create_counter(
        "tenuto_local_activity_slow", "Local activities of more than two seconds."
    ).add(1, {"activity_type": info.activity_type})
    _log.warning(
        "local_activity_slow: `%s` of run `%s` took %.1f s; make it an ordinary activity",
        info.activity_type,
        info.workflow_id,
        took,
    )
