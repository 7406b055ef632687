"""The findings about one step, about the workflow's code, and about a run that has ended."""

from collections.abc import Sequence
from datetime import datetime

from tenuto.engine.runs.describe import RunDescription
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import Finding, FindingKind, at, attempt, lasting
from tenuto.engine.runs.fold import TaskFailure
from tenuto.engine.runs.history import RunHistory
from tenuto.engine.runs.polling import Polling
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.steps import Progress, Step, StepStatus

_NO_TIME_LEFT = "timeout"
_NONDETERMINISM = "non-deterministic-error"


def nobody_polls(execution: Execution, polling: Polling, what: str, since: datetime) -> Finding:
    """The finding that work waits in a queue nobody takes it from."""
    busy = " If one is running, all its threads are busy: start another."
    return Finding(
        kind=FindingKind.NO_POLLER,
        sentence=f"{what} waits in task queue `{polling.queue}` since {at(since)}:"
        f" {_last_poll(polling)}.",
        remedy=f"`tenuto worker --queue {polling.queue}`{busy if polling.last_poll_at else ''}",
        workflow_id=execution.workflow_id,
        queue=polling.queue,
        since=since,
    )


def nobody_listens(execution: Execution, polling: Polling) -> Finding:
    """The finding that a run waits and nobody would notice if what it waits for came."""
    return Finding(
        kind=FindingKind.NO_POLLER,
        sentence=f"The run waits, and nobody would tell it what it waits for: task queue"
        f" `{polling.queue}` has no worker that answers ({_last_poll(polling)}).",
        remedy=f"`tenuto worker --queue {polling.queue}`",
        workflow_id=execution.workflow_id,
        queue=polling.queue,
        since=polling.last_poll_at,
    )


def served_elsewhere(finding: Finding) -> Finding:
    """The finding about a queue for which this installation has no code."""
    remedy = (
        f"Start the worker of task queue `{finding.queue}` where its code is: no pack of this"
        " installation serves that queue, so `tenuto worker` cannot."
    )
    return finding.model_copy(update={"remedy": remedy})


def _last_poll(polling: Polling) -> str:
    if polling.last_poll_at is None:
        return "no worker polls it"
    return f"its last worker ({polling.worker}) asked at {at(polling.last_poll_at)}"


def activity_finding(execution: Execution, step: Step, polling: Polling) -> Finding:
    """The finding about an unfinished activity."""
    if step.status is StepStatus.SCHEDULED:
        since = step.due_at or step.scheduled_at
        if not polling.serves(since):
            finding = nobody_polls(execution, polling, f"Step `{step.name}`", since)
            return finding.model_copy(update={"step": step.name})
        return _of(execution, step, FindingKind.QUEUED, "is about to start", since=since)
    if step.status is StepStatus.RETRYING:
        return _failed_attempt(execution, step)
    if step.status is StepStatus.PAUSED:
        return _of(execution, step, FindingKind.PAUSED, "is paused", since=step.started_at)
    return _running(execution, step)


def _failed_attempt(execution: Execution, step: Step) -> Finding:
    failed = attempt(step.attempt - 1, step.max_attempts)
    failure = step.failure
    timeout = failure.reason.timeout if failure else None
    limit = step.timeouts.named(timeout)
    if timeout:
        after = f" after {lasting(limit)}" if limit else ""
        what = f"{failed} timed out ({timeout}{after})"
    else:
        what = f"{failed} failed with {failure.line if failure else 'an unknown error'}"
    due = f"; attempt {step.attempt} starts at {at(step.due_at)}" if step.due_at else ""
    return _of(
        execution,
        step,
        FindingKind.TIMED_OUT if timeout else FindingKind.RETRYING,
        f"{what}{due}",
        next_at=step.due_at,
    )


def _running(execution: Execution, step: Step) -> Finding:
    doing = "is asked to stop" if step.status is StepStatus.CANCELING else "is running"
    started = f" since {at(step.started_at)}" if step.started_at else ""
    said = _said(step.progress)
    before = f"; the attempt before failed with {step.failure.line}" if step.failure else ""
    what = f"{doing}{started} on {step.worker}, {attempt(step.attempt, step.max_attempts)}"
    return _of(execution, step, FindingKind.RUNNING, f"{what}{said}{before}", since=step.started_at)


def _said(progress: Progress | None) -> str:
    if progress is None:
        return ""
    parts = [] if progress.percent is None else [f"{progress.percent:g} %"]
    parts += [] if progress.rows is None else [f"{progress.rows:,} rows"]
    parts += [progress.message] if progress.message else []
    return f": {', '.join(parts)}" if parts else ""


def _of(
    execution: Execution,
    step: Step,
    kind: FindingKind,
    what: str,
    *,
    since: datetime | None = None,
    next_at: datetime | None = None,
) -> Finding:
    reason = step.failure.reason if step.failure else None
    return Finding(
        kind=kind,
        sentence=f"Step `{step.name}` {what}.",
        remedy=f"`tenuto show {execution}` has its input and errors" if step.failure else "",
        workflow_id=execution.workflow_id,
        step=step.name,
        queue=step.queue,
        code=reason.code if reason else None,
        timeout=reason.timeout if reason else None,
        since=since,
        next_at=next_at,
    )


def code_finding(
    execution: Execution, task: TaskFailure | None, tries: int, problems: Sequence[str]
) -> Finding:
    """The finding that the workflow code fails whenever it is tried."""
    reason = task.failure.reason if task and task.failure else None
    told = task.failure.line if task and task.failure else ", ".join(problems) or "unknown"
    if task and task.cause == _NONDETERMINISM:
        sentence = f"The worker's code does not match what the run has already done: {told}"
        remedy = (
            "Start a worker with the code the run began with, or make the change behind"
            " `workflow.patched`; `tenuto replay` shows where they part."
        )
    elif reason and reason.code and reason.code.startswith("encryption."):
        sentence = f"The worker cannot decrypt what the run was told: {told}"
        remedy = "Give the worker the keys that it lacks: the run goes on by itself."
    elif task and task.cause == "timed-out":
        sentence = "The workflow code did not give its answer in time: it blocks, or its worker"
        sentence += " dies of it"
        remedy = "Move work that takes long out of the workflow into an activity."
    else:
        sentence = f"The workflow code raised what no workflow may raise: {told}"
        remedy = (
            "Correct the workflow code and restart its worker: the run goes on from where it"
            " stands, with the next try, within minutes. To end a run as failed, raise a"
            " TenutoError."
        )
    return Finding(
        kind=FindingKind.CODE_ERROR,
        sentence=f"{sentence.rstrip('.')} (tried {tries} times).",
        remedy=remedy,
        workflow_id=execution.workflow_id,
        code=reason.code if reason else None,
        since=task.at if task else None,
    )


def end_finding(run: RunDescription, history: RunHistory) -> Finding:
    """The finding about a run that has ended."""
    ended = f" at {at(run.closed_at)}" if run.closed_at else ""
    known = {"workflow_id": run.workflow_id, "since": run.closed_at}
    if run.status is RunStatus.COMPLETED:
        return Finding(
            kind=FindingKind.FINISHED, sentence=f"The run finished{ended}.", remedy="", **known
        )
    if run.status is RunStatus.CONTINUED_AS_NEW:
        return Finding(
            kind=FindingKind.FINISHED,
            sentence=f"The run goes on as run {run.continued_as}{ended}.",
            remedy=f"`tenuto show {run.workflow_id}`",
            **known,
        )
    return _failed_run(run, history, ended)


def _failed_run(run: RunDescription, history: RunHistory, ended: str) -> Finding:
    failure = run.failure
    reason = failure.reason if failure else None
    step = _step_of(run, history)
    kind = {
        RunStatus.CANCELED: FindingKind.CANCELED,
        RunStatus.TERMINATED: FindingKind.TERMINATED,
        RunStatus.TIMED_OUT: FindingKind.TIMED_OUT,
    }.get(run.status, FindingKind.FAILED)
    why = failure.line if failure else "no reason given"
    if reason and reason.timeout:
        kind = FindingKind.TIMED_OUT
        limit = step.timeouts.named(reason.timeout) if step else None
        why = f"timed out ({reason.timeout}{f' after {lasting(limit)}' if limit else ''})"
    if step and step.retry_state == _NO_TIME_LEFT:
        left = step.timeouts.schedule_to_close
        why = f"{why.rstrip('.')}; no further attempt fits into its time"
        why += f" (schedule-to-close {lasting(left)})" if left else ""
    tried = f" in {attempt(step.attempt, step.max_attempts)}" if step else ""
    where = f" Step `{step.name}`{tried}:" if step else ""
    return Finding(
        kind=kind,
        sentence=f"The run ended {run.status.value}{ended}.{where} {_closed(why)}",
        remedy=f"`tenuto show {run.workflow_id}` has the step's input and errors",
        workflow_id=run.workflow_id,
        step=step.name if step else None,
        queue=step.queue if step else None,
        code=reason.code if reason else None,
        timeout=reason.timeout if reason else None,
        since=run.closed_at,
    )


def _step_of(run: RunDescription, history: RunHistory) -> Step | None:
    failed = run.failure.step_event_id if run.failure else None
    return next((step for step in history.steps if step.event_id == failed), None)


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
