"""A workflow that is told a secret on every road there is, and passes it on by every other."""

import asyncio
from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from tenuto.core.errors import DataError

SECRET = "the-reserve-price-is-417"
QUEUE = "secrets"


class Told(BaseModel):
    """What somebody says."""

    words: str


@activity.defn
async def repeat(told: Told) -> Told:
    """Beats with it, fails with it once, then returns it."""
    activity.heartbeat(told)
    if activity.info().attempt == 1:
        raise ApplicationError(f"not yet: {told.words}", told)
    return told


@activity.defn
async def complain(told: Told) -> None:
    """Fails for good, with a cause that says it too."""
    try:
        raise ValueError(f"cause: {told.words}")
    except ValueError as cause:
        raise DataError(
            f"message: {told.words}", code="test.secret", details={"said": told.words}
        ) from cause


@workflow.defn
class SecretChild:
    """Returns what it was told."""

    @workflow.run
    async def run(self, told: Told) -> Told:
        return told


@workflow.defn
class Secrets:
    """Waits until it was told by a signal and by an update."""

    def __init__(self) -> None:
        self._heard: list[str] = []

    @workflow.run
    async def run(self, told: Told) -> Told:
        workflow.upsert_memo({"later": told.words})
        workflow.set_current_details(told.words)
        brief = timedelta(seconds=10)
        await workflow.execute_activity(
            repeat,
            told,
            start_to_close_timeout=brief,
            summary=told.words,
            retry_policy=RetryPolicy(initial_interval=_pause_after_a_failure(told)),
        )
        await workflow.execute_child_workflow(
            SecretChild.run, told, id=f"{workflow.info().workflow_id}/child"
        )
        await workflow.wait_condition(lambda: len(self._heard) > 1)
        try:
            await workflow.execute_activity(complain, told, start_to_close_timeout=brief)
        except asyncio.CancelledError:
            raise
        except Exception as failure:
            if told.words.endswith("fail"):
                raise
            workflow.logger.info("complained: %s", type(failure).__name__)
        return told

    @workflow.signal
    def hear(self, told: Told) -> None:
        self._heard.append(told.words)

    @workflow.update
    def answer(self, told: Told) -> Told:
        self._heard.append(told.words)
        return told

    @workflow.query
    def heard(self, asked: Told) -> list[str]:
        return [*self._heard, asked.words]


def _pause_after_a_failure(told: Told) -> timedelta:
    return timedelta(hours=1) if told.words.endswith("stall") else timedelta(milliseconds=10)


WORKFLOWS = [Secrets, SecretChild]
ACTIVITIES = [repeat, complain]
