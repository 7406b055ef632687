"""The workflow of `bench_definitions.py` as one would write it by hand on Temporal's SDK."""

from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

BY_HAND = "bench-by-hand"
QUEUE = "bench-echo"


@activity.defn(name="bench.echo")
async def echo(value: dict[str, Any]) -> dict[str, Any]:
    """What it is given."""
    return value


@workflow.defn(name="EchoByHand")
class EchoByHand:
    """Calls `bench.echo` so many times, one after the other, each with a number of its own."""

    @workflow.run
    async def run(self, steps: int) -> dict[str, Any]:
        """The last answer."""
        answer: dict[str, Any] = {}
        for number in range(steps):
            answer = await workflow.execute_activity(
                "bench.echo",
                {"number": number, "before": answer.get("number")},
                task_queue=QUEUE,
                start_to_close_timeout=timedelta(minutes=1),
                retry_policy=RetryPolicy(maximum_attempts=3),
                summary=f"step{number}",
            )
        return answer
