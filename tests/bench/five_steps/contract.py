"""The catalog entries on Tenuto's side."""

from datetime import timedelta

from tenuto.catalog import activity, workflow_entry
from tenuto.core.records import Record

QUEUE = "bench-tenuto"


class StepRequest(Record):
    """What one step is told."""

    step: str
    values: list[int]


class StepResult(Record):
    """What one step answers."""

    step: str
    total: int


class FiveStepsRequest(Record):
    """What a run is told."""

    name: str
    values: list[int]


class FiveStepsResult(Record):
    """What a run answers."""

    name: str
    totals: list[int]


add_up = activity(
    "bench.add_up",
    request=StepRequest,
    result=StepResult,
    summary="Add up some numbers.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
)

five_steps = workflow_entry(
    "bench-five-steps",
    type_name="BenchFiveSteps",
    request=FiveStepsRequest,
    result=FiveStepsResult,
    summary="Five steps, one after the other.",
    queue=QUEUE,
)
