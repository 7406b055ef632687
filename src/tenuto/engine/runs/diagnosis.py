"""Why a run stands where it stands, and what to do about it.

Four answers look alike from outside and need different people: nobody polls a queue, an
attempt failed and waits for the next, something timed out, somebody has to decide.
"""

from collections.abc import Callable

from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.engine.runs.attributes import search_attributes
from tenuto.engine.runs.describe import describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import Finding, FindingKind, at
from tenuto.engine.runs.handlers import Handler, read_handlers
from tenuto.engine.runs.history import RunHistory, read_history
from tenuto.engine.runs.moments import moment
from tenuto.engine.runs.people import is_task, waits_for_people
from tenuto.engine.runs.polling import Polling, TaskKind, read_polling
from tenuto.engine.runs.raw import describe_raw
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.steps import Step, StepKind
from tenuto.engine.runs.verdicts import (
    activity_finding,
    code_finding,
    end_finding,
    nobody_listens,
    nobody_polls,
    served_elsewhere,
)

_DEEPEST_CHILD = 5


class Diagnosis(Record):
    """Where a run stands and why."""

    execution: Execution
    status: RunStatus
    findings: tuple[Finding, ...]
    """The most telling first; never empty."""


async def diagnose(
    client: Client, execution: Execution, serves: Callable[[str], bool] = lambda queue: True
) -> Diagnosis:
    """The findings about a run and about the child runs it waits for.

    `serves` says whether the caller's installation has code for a task queue; it is asked only
    about queues that nobody polls. Reads the whole history. Takes up to three seconds more when
    no worker answers. Raises NotFoundError for a run that is not there.
    """
    raw = await describe_raw(client, execution)
    ids = raw.workflow_execution_info.execution
    exact = Execution(workflow_id=ids.workflow_id, run_id=ids.run_id)
    findings = await _findings(client, exact, raw, depth=0)
    return Diagnosis(
        execution=exact,
        status=RunStatus.from_raw(raw.workflow_execution_info.status),
        findings=tuple(_with_place(each, serves) for each in findings),
    )


def _with_place(finding: Finding, serves: Callable[[str], bool]) -> Finding:
    """The finding; where a worker is missing that cannot run here, with a remedy that says so."""
    if finding.kind is FindingKind.NO_POLLER and not serves(finding.queue or ""):
        return served_elsewhere(finding)
    return finding


async def _findings(
    client: Client, execution: Execution, raw: DescribeWorkflowExecutionResponse, depth: int
) -> list[Finding]:
    status = RunStatus.from_raw(raw.workflow_execution_info.status)
    history = await read_history(client, execution, described=raw)
    if not status.is_open:
        return [end_finding(await describe_run(client, execution), history)]
    findings = [_paused(execution)] if status is RunStatus.PAUSED else []
    findings += await _about_code(client, execution, raw, history)
    findings += await _about_activities(client, execution, history)
    findings += await _about_children(client, execution, history, depth)
    return findings or await _about_waits(client, execution, raw, history)


def _paused(execution: Execution) -> Finding:
    return Finding(
        kind=FindingKind.PAUSED,
        sentence="The run is paused.",
        remedy=f"`temporal workflow unpause -w {execution}`",
        workflow_id=execution.workflow_id,
    )


async def _about_code(
    client: Client,
    execution: Execution,
    raw: DescribeWorkflowExecutionResponse,
    history: RunHistory,
) -> list[Finding]:
    """Findings about the workflow's own next step: the workflow task."""
    if not raw.HasField("pending_workflow_task"):
        return []
    task, queue = raw.pending_workflow_task, raw.workflow_execution_info.task_queue
    since = moment(task.scheduled_time)
    if since and task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED:
        polling = await read_polling(client, queue, TaskKind.WORKFLOW)
        if not polling.serves(since):
            return [nobody_polls(execution, polling, "The run itself", since)]
    if task.attempt > 1:
        attributes = search_attributes(raw.workflow_execution_info.search_attributes)
        problems = attributes.get("TemporalReportedProblems", [])
        return [code_finding(execution, history.task_failure, task.attempt, problems)]
    return [
        Finding(
            kind=FindingKind.RUNNING,
            sentence="The workflow code is about to take its next step.",
            remedy="",
            workflow_id=execution.workflow_id,
            queue=queue,
        )
    ]


async def _about_activities(
    client: Client, execution: Execution, history: RunHistory
) -> list[Finding]:
    steps = [s for s in history.steps if s.kind is StepKind.ACTIVITY and s.status.is_open]
    pollings: dict[str, Polling] = {}
    for queue in {step.queue for step in steps if step.queue}:
        pollings[queue] = await read_polling(client, queue, TaskKind.ACTIVITY)
    return [activity_finding(execution, step, pollings[step.queue or ""]) for step in steps]


async def _about_children(
    client: Client, execution: Execution, history: RunHistory, depth: int
) -> list[Finding]:
    findings = []
    for step in history.steps:
        if step.kind is not StepKind.CHILD_WORKFLOW or not step.status.is_open:
            continue
        findings.append(_waits_for_child(execution, step))
        if depth < _DEEPEST_CHILD and step.child_run_id:
            child = Execution(workflow_id=step.id, run_id=step.child_run_id)
            raw = await describe_raw(client, child)
            findings += await _findings(client, child, raw, depth + 1)
    return findings


def _waits_for_child(execution: Execution, step: Step) -> Finding:
    return Finding(
        kind=FindingKind.WAITING_FOR_CHILD,
        sentence=f"It waits for run `{step.id}` ({step.name}) since {at(step.scheduled_at)}.",
        remedy=f"`tenuto show {step.id}`",
        workflow_id=execution.workflow_id,
        step=step.name,
        since=step.scheduled_at,
    )


async def _about_waits(
    client: Client,
    execution: Execution,
    raw: DescribeWorkflowExecutionResponse,
    history: RunHistory,
) -> list[Finding]:
    """Findings about a run with nothing in progress: it waits for a message, a time, or both."""
    queue = raw.workflow_execution_info.task_queue
    polling = await read_polling(client, queue, TaskKind.WORKFLOW)
    handlers = await read_handlers(client, execution) if polling.is_recent else None
    findings = []
    if handlers is None:
        findings.append(nobody_listens(execution, polling))
    elif is_task(raw):
        findings.append(await waits_for_people(client, execution, raw))
    elif handlers.updates or handlers.signals or handlers.takes_any_signal:
        said = handlers.current_details or "The run waits for a message."
        findings.append(_waits_for_message(execution, said, handlers.updates, handlers.signals))
    timers = [s for s in history.steps if s.kind is StepKind.TIMER and s.status.is_open]
    return findings + [_waits_for_timer(execution, timer) for timer in timers] or [
        Finding(
            kind=FindingKind.RUNNING,
            sentence="Nothing is pending: the run waits for a condition of its own.",
            remedy=f"`tenuto show {execution}`",
            workflow_id=execution.workflow_id,
        )
    ]


def _waits_for_message(
    execution: Execution, said: str, updates: tuple[Handler, ...], signals: tuple[Handler, ...]
) -> Finding:
    names = [f"update `{each.name}`" for each in updates]
    names += [f"signal `{each.name}`" for each in signals]
    verb, offered = ("update", updates) if updates else ("signal", signals)
    first = offered[0].name if offered else "NAME"
    return Finding(
        kind=FindingKind.WAITING_FOR_MESSAGE,
        sentence=f"{said.rstrip('.')}. It takes {', '.join(names) or 'any signal'}.",
        remedy=f"`tenuto {verb} {execution} {first}`",
        workflow_id=execution.workflow_id,
    )


def _waits_for_timer(execution: Execution, timer: Step) -> Finding:
    due = f" until {at(timer.due_at)}" if timer.due_at else ""
    return Finding(
        kind=FindingKind.WAITING_FOR_TIMER,
        sentence=f"It waits{due} ({timer.name}).",
        remedy="",
        workflow_id=execution.workflow_id,
        step=timer.name,
        since=timer.scheduled_at,
        next_at=timer.due_at,
    )
