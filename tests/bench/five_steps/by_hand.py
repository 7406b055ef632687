"""The same by hand: dataclasses, the SDK's converter, the SDK's sandbox, nothing of ours."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

QUEUE = "bench-by-hand"


@dataclass
class StepRequest:
    """What one step is told."""

    step: str
    values: list[int]


@dataclass
class StepResult:
    """What one step answers."""

    step: str
    total: int


@dataclass
class FiveStepsRequest:
    """What a run is told."""

    name: str
    values: list[int]


@dataclass
class FiveStepsResult:
    """What a run answers."""

    name: str
    totals: list[int]


@activity.defn
def add_up(request: StepRequest) -> StepResult:
    """The sum."""
    return StepResult(step=request.step, total=sum(request.values))


@workflow.defn
class FiveStepsByHand:
    """Five steps, one after the other."""

    @workflow.run
    async def run(self, request: FiveStepsRequest) -> FiveStepsResult:
        totals = []
        for step in ("one", "two", "three", "four", "five"):
            done = await workflow.execute_activity(
                add_up,
                StepRequest(step=step, values=request.values),
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=RetryPolicy(maximum_attempts=3),
            )
            totals.append(done.total)
        return FiveStepsResult(name=request.name, totals=totals)
