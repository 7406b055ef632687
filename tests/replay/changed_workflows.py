"""FiveSteps as careless, careful, and broken hands changed it."""

from datetime import timedelta

from temporalio import workflow

from sample import catalog
from sample.models import FiveStepsRequest, FiveStepsResult, StepRequest
from sample.workflows import STEPS
from tenuto.core.errors import UsageError


@workflow.defn(name="FiveSteps")
class Reordered:
    """Two steps the other way round."""

    @workflow.run
    async def run(self, request: FiveStepsRequest) -> FiveStepsResult:
        for step in ("one", "three", "two", "four", "five"):
            await _do(request, step)
            await workflow.sleep(timedelta(0 if step != "three" else 1))
        return FiveStepsResult(steps=STEPS)


@workflow.defn(name="FiveSteps")
class Shortened:
    """The last step left out."""

    @workflow.run
    async def run(self, request: FiveStepsRequest) -> FiveStepsResult:
        for step in STEPS[:-1]:
            await _do(request, step)
        return FiveStepsResult(steps=STEPS)


@workflow.defn(name="FiveSteps")
class Broken:
    """An exception nobody declared."""

    @workflow.run
    async def run(self, request: FiveStepsRequest) -> FiveStepsResult:
        raise ValueError("not thought of")


@workflow.defn(name="FiveSteps")
class Refusing:
    """An error that ends new runs as failed, where the recorded run went on."""

    @workflow.run
    async def run(self, request: FiveStepsRequest) -> FiveStepsResult:
        raise UsageError("no more five steps", code="sample.refused")


@workflow.defn(name="FiveSteps")
class Patched:
    """A step more, for new runs only."""

    @workflow.run
    async def run(self, request: FiveStepsRequest) -> FiveStepsResult:
        if workflow.patched("a-step-before"):
            await _do(request, "zero")
        for step in STEPS:
            await _do(request, step)
        return FiveStepsResult(steps=STEPS)


async def _do(request: FiveStepsRequest, step: str) -> None:
    await catalog.do_step(StepRequest(folder=request.folder, step=step), summary=f"step {step}")
