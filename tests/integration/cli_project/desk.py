"""Plain Temporal code that fails, waits, and takes messages: what the command line has to show."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError


class Verdict(BaseModel):
    """What somebody decided."""

    is_yes: bool
    by: str


@activity.defn
def fail_at_first(times: int) -> int:
    """Fail some times, then work."""
    attempt = activity.info().attempt
    if attempt <= times:
        raise RuntimeError(f"the desk is closed (attempt {attempt})")
    return attempt


@activity.defn
def refuse(rows: int) -> None:
    """Find every row wrong."""
    problems = [
        {"file": "prices.csv", "row": row, "field": "price", "found": "no price"}
        for row in range(2, rows + 2)
    ]
    raise ApplicationError(
        f"{rows} prices are missing",
        {"code": "desk.no-price", "problems": problems},
        type="DataError",
        non_retryable=True,
    )


@activity.defn
def take_long(seconds: float, mark: str) -> str:
    """Work for a while, saying how far it is, and leave a mark at the beginning and the end."""
    Path(mark).write_text(f"attempt {activity.info().attempt}")
    steps = int(seconds * 10)
    for step in range(steps):
        activity.heartbeat({"done": step, "total": steps})
        time.sleep(0.1)
    Path(mark).write_text("done")
    return mark


@workflow.defn
class Flaky:
    """One step that fails before it works."""

    @workflow.run
    async def run(self, times: int = 2) -> int:
        return await workflow.execute_activity(
            fail_at_first,
            times,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=200)),
        )


@workflow.defn
class Refusing:
    """Fail with a list of problems."""

    @workflow.run
    async def run(self, rows: int = 3) -> None:
        await workflow.execute_activity(refuse, rows, start_to_close_timeout=timedelta(seconds=10))


@workflow.defn
class Slow:
    """One long step."""

    @workflow.run
    async def run(self, seconds: float, mark: str) -> str:
        return await workflow.execute_activity(
            take_long,
            args=[seconds, mark],
            start_to_close_timeout=timedelta(minutes=1),
            heartbeat_timeout=timedelta(seconds=5),
        )


@workflow.defn
class Approval:
    """Wait for a person."""

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._verdict: Verdict | None = None

    @workflow.run
    async def run(self, subject: str) -> str:
        workflow.set_current_details(f"Waiting for somebody to decide about {subject}.")
        try:
            await workflow.wait_condition(lambda: self._verdict is not None)
        except asyncio.CancelledError:
            self._notes.append("cleaned up")
            raise
        await workflow.wait_condition(workflow.all_handlers_finished)
        assert self._verdict is not None
        return f"{subject}: {'yes' if self._verdict.is_yes else 'no'} by {self._verdict.by}"

    @workflow.signal
    def note(self, text: str) -> None:
        """Remember something."""
        self._notes.append(text)

    @workflow.query
    def notes(self) -> list[str]:
        """What was remembered."""
        return self._notes

    @workflow.update
    async def decide(self, verdict: Verdict) -> str:
        """Decide, with a name under it."""
        self._verdict = verdict
        return "taken"

    @decide.validator
    def _refuse_nobody(self, verdict: Verdict) -> None:
        if not verdict.by:
            raise ApplicationError("a verdict needs a name under it")
