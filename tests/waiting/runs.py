"""Workflows that wait: for a word, for time, for a schedule."""

from datetime import timedelta

from temporalio import workflow

QUEUE = "waiting-runs"


@workflow.defn
class WaitForWord:
    """Ends with the word it is sent."""

    def __init__(self) -> None:
        self._word: str | None = None

    @workflow.signal
    def say(self, word: str) -> None:
        self._word = word

    @workflow.run
    async def run(self, prefix: str) -> str:
        await workflow.wait_condition(lambda: self._word is not None)
        return f"{prefix} {self._word}"


@workflow.defn
class WaitForTime:
    """Ends after `seconds` of its own clock; returns the seconds that clock says it took."""

    @workflow.run
    async def run(self, seconds: float) -> float:
        begin = workflow.now()
        await workflow.sleep(timedelta(seconds=seconds))
        return (workflow.now() - begin).total_seconds()


@workflow.defn
class WaitForTimes:
    """Waits `(times, seconds)`, one wait after the other; returns how long its clock says."""

    @workflow.run
    async def run(self, waits: tuple[int, float]) -> float:
        times, seconds = waits
        begin = workflow.now()
        for _ in range(times):
            await workflow.sleep(timedelta(seconds=seconds))
        return (workflow.now() - begin).total_seconds()
