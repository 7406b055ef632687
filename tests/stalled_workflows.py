"""Runs whose tasks do not end in time, each for the first time only."""

import time
from collections import deque
from typing import Any

from temporalio import workflow

STEPS = 20

spun: set[str] = set()
"""Runs that spun once."""


@workflow.defn
class ManySteps:
    """Waits a little, many times."""

    @workflow.run
    async def run(self) -> int:
        """How often."""
        for _ in range(STEPS):
            await workflow.sleep(0.001)
        return STEPS


@workflow.defn
class SpinsOnce:
    """Never gives its first task back, and behaves from then on."""

    @workflow.run
    async def run(self) -> str:
        """A word."""
        spin_once(workflow.info().run_id)
        return "done"


def spin_once(run_id: str) -> None:
    """Uses the processor until somebody interrupts, when it is called for the first time."""
    if run_id not in spun:
        spun.add(run_id)
        while True:
            pass


class StallingQueue(deque[Any]):
    """An event loop's queue that stands still in the middle of a step, as a paused machine does."""

    taken = 0
    stalls_left = 4
    """Over all queues of the process."""

    def popleft(self) -> Any:
        """The next step; now and then after more time than a workflow task has."""
        step = super().popleft()
        StallingQueue.taken += 1
        if StallingQueue.taken % 7 == 0 and StallingQueue.stalls_left:
            StallingQueue.stalls_left -= 1
            until = time.monotonic() + 2.2
            while time.monotonic() < until:
                time.sleep(0.01)
        return step
