"""One run told step by step, read page by page."""

from datetime import datetime

from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.failures import Failure
from tenuto.engine.runs.fold import HistoryFold, TaskFailure
from tenuto.engine.runs.payloads import Shown
from tenuto.engine.runs.pending import with_pending
from tenuto.engine.runs.raw import describe_raw, events
from tenuto.engine.runs.steps import Step, StepKind


class RunHistory(Record):
    """What a run did so far."""

    execution: Execution
    steps: tuple[Step, ...]
    """In the order they were scheduled."""
    events: int
    """Events read."""
    input: Shown | None
    """The run's arguments, when payloads were asked for."""
    output: Shown | None
    """The run's result, when payloads were asked for and it completed."""
    failure: Failure | None
    """Why the run failed."""
    task_failure: TaskFailure | None
    """Set while the workflow code itself cannot go on."""
    cancel_requested_at: datetime | None
    """When somebody asked the run to stop."""


async def read_history(
    client: Client,
    execution: Execution,
    *,
    with_payloads: bool = False,
    described: DescribeWorkflowExecutionResponse | None = None,
) -> RunHistory:
    """The steps of a run, with the live state of those that are not finished.

    `with_payloads` decodes inputs and outputs with the client's converter; what cannot be
    decoded says so in its place. `described` saves a call to whoever has it. Raises
    NotFoundError for a run that is not there.
    """
    described = described or await describe_raw(client, execution)
    ids = described.workflow_execution_info.execution
    execution = Execution(workflow_id=ids.workflow_id, run_id=ids.run_id)
    fold = HistoryFold(client.data_converter, with_payloads=with_payloads)
    async for event in events(client, execution):
        await fold.add(event)
    live = {info.activity_id: info for info in described.pending_activities}
    steps = [
        await with_pending(step, live[step.id], client.data_converter)
        if step.kind is StepKind.ACTIVITY and step.status.is_open and step.id in live
        else step
        for step in fold.steps.values()
    ]
    return RunHistory(
        execution=execution,
        steps=tuple(steps),
        events=fold.events,
        input=fold.input,
        output=fold.output,
        failure=fold.failure,
        task_failure=fold.task_failure,
        cancel_requested_at=fold.cancel_requested_at,
    )
