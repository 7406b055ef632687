"""The workflow on Tenuto's side."""

from temporalio import workflow

from bench.five_steps.contract import (
    FiveStepsRequest,
    FiveStepsResult,
    StepRequest,
    add_up,
)


@workflow.defn
class BenchFiveSteps:
    """Five steps, one after the other."""

    @workflow.run
    async def run(self, request: FiveStepsRequest) -> FiveStepsResult:
        totals = []
        for step in ("one", "two", "three", "four", "five"):
            done = await add_up(StepRequest(step=step, values=request.values))
            totals.append(done.total)
        return FiveStepsResult(name=request.name, totals=totals)
