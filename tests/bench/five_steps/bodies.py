"""The activity on Tenuto's side."""

from bench.five_steps.contract import StepRequest, StepResult, add_up
from tenuto.catalog import implements


@implements(add_up)
def add(request: StepRequest) -> StepResult:
    """The sum."""
    return StepResult(step=request.step, total=sum(request.values))
