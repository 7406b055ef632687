"""What policy is asked about: workflows, runs, tasks, definitions, schedules."""

from typing import Any

from pydantic import JsonValue
from temporalio.client import Client

from tenuto.catalog.entries import WorkflowEntry
from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.outcome import TaskView
from tenuto.definitions.plan import Plan
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.listing import RunSummary
from tenuto.engine.runs.origin import started_by
from tenuto.engine.runs.raw import describe_raw
from tenuto.policy.decision import Resource
from tenuto.triggers.definition_schedules import schedule_id
from tenuto.triggers.tasks.reading import read_task
from tenuto.workflows.interpreter.entry import definition, name_of


def of_workflow(entry: WorkflowEntry[Any, Any]) -> Resource:
    """The workflow that a start names."""
    return Resource(type="WorkflowType", id=entry.name, attributes={"tags": []})


def of_definition_run(plan: Plan) -> Resource:
    """The workflow that a start of a definition names: the interpreter, with what it interprets."""
    tags: list[JsonValue] = [f"{plan.head.namespace}/{plan.head.name}", name_of(plan)]
    return Resource(type="WorkflowType", id=definition.name, attributes={"tags": tags})


def of_schedule(plan: Plan) -> Resource:
    """The schedule of a definition."""
    return Resource(type="Schedule", id=schedule_id(plan.head.namespace, plan.head.name))


def of_task(task: TaskView) -> Resource:
    """A task for people, as it stands."""
    asked = task.request
    attributes: dict[str, JsonValue] = {
        "kind": asked.kind,
        "risk": asked.risk,
        "requester": asked.requester,
        "preparers": list(asked.preparers),
        "watchers": list(asked.watchers),
        "candidates": list(task.candidates),
        "assignee": task.assignee,
        "decided_by": [vote.by for vote in task.votes],
        "amount": f"{asked.amount.value:f}" if asked.amount else None,
        "currency": str(asked.amount.currency) if asked.amount else None,
    }
    return Resource(type="HumanTask", id=task.task_id, attributes=attributes)


def of_summary(run: RunSummary) -> Resource:
    """A run as a list has it; who may decide a task is not in a list, so it is judged as a run."""
    return of_run(run.workflow_id, run.type_name, run.started_by)


def of_artifact(reference: str) -> Resource:
    """Stored content, by name, address, or hash."""
    return Resource(type="Artifact", id=reference)


def of_run(workflow_id: str, type_name: str, started_by: str | None = None) -> Resource:
    """A run that is no task."""
    attributes: dict[str, JsonValue] = {"type": type_name, "started_by": started_by or None}
    return Resource(type="Run", id=workflow_id, attributes=attributes)


async def first_run_of(client: Client, run: Execution) -> str:
    """The run id that the run began with. Raises NotFoundError for one that is not there."""
    return (await describe_raw(client, run)).workflow_execution_info.first_run_id


async def find_resource(client: Client, run: Execution) -> Resource:
    """The run or, where it is one, the task. Raises NotFoundError for neither."""
    info = (await describe_raw(client, run)).workflow_execution_info
    if info.type.name == human_task.type_name:
        return of_task((await read_task(client, run.workflow_id)).task)
    starter = await started_by(client, info.memo)
    return of_run(run.workflow_id, info.type.name, starter)
