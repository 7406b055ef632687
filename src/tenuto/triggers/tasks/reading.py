"""A task as it stands, from its worker; from its history where no worker answers."""

import asyncio
from collections.abc import Iterable
from typing import Any

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.outcome import CLOSED, TaskView
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import DataError, NotFoundError, UsageError
from tenuto.core.records import Record
from tenuto.engine.encryption import WITHOUT_KEY
from tenuto.engine.runs.calls import WORKER_PATIENCE, refusals
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import describe_raw, events
from tenuto.engine.runs.task_outcomes import recorded_outcome
from tenuto.triggers.tasks.found import FoundTask, found_task, is_served_by_us

AT_ONCE = 10
"""Questions to workers at the same time, of one reader."""
_SILENT = (
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.FAILED_PRECONDITION,
    # What the client itself says when the time it was given is over.
    RPCStatusCode.CANCELLED,
)


class Told(Record):
    """A task, and whether its worker told it."""

    task: TaskView
    is_live: bool
    """False where no worker answers: the request is from the history and its state from the
    server's attributes; who voted, commented, or was excluded later is not known."""


async def read_task(client: Client, task_id: str) -> Told:
    """One task. Raises NotFoundError `task.not-found`, UsageError `task.not-a-task` for another
    kind of run."""
    return await _told(client, await describe_task(client, task_id), asks=True)


async def read_tasks(client: Client, found: Iterable[FoundTask]) -> list[Told]:
    """These tasks in their order. One that no worker answers for ends the asking, so that a page
    does not wait for each. One whose key is not here says so in the place of its title."""
    gate = asyncio.Semaphore(AT_ONCE)
    is_answered = True

    async def told(each: FoundTask) -> Told:
        nonlocal is_answered
        async with gate:
            try:
                told = await _told(client, each, asks=is_answered)
            except DataError as unreadable:
                if unreadable.code not in WITHOUT_KEY:
                    raise
                return _untold(each)
            is_answered = is_answered and told.is_live
            return told

    return list(await asyncio.gather(*map(told, found)))


def _untold(found: FoundTask) -> Told:
    """What the server's attributes tell of a task that cannot be decrypted."""
    asked = TaskRequest(
        title="(cannot be decrypted here)",
        subject=found.subject,
        candidates=found.candidates or ("g:unknown",),
    )
    task = TaskView(
        task_id=found.task_id,
        root=found.root,
        request=asked,
        state=found.state,
        candidates=found.candidates,
        excluded=(),
        assignee=found.assignee,
        votes=(),
        approvals_missing=0,
        opened_at=found.started_at,
        due_at=found.due_at,
        expires_at=None,
    )
    return Told(task=task, is_live=False)


async def describe_task(client: Client, task_id: str) -> FoundTask:
    """Where a task stands, as the server says. Raises as `read_task` does."""
    if not task_id.isprintable():
        # No task has such an id, and the protocol cannot even say some of them.
        raise no_such_task(task_id)
    try:
        raw = await describe_raw(client, Execution(workflow_id=task_id))
    except NotFoundError as error:
        raise no_such_task(task_id) from error
    info = raw.workflow_execution_info
    if info.type.name != human_task.type_name:
        raise UsageError(
            f"`{task_id}` is no task but a run of {info.type.name}. `tenuto show {task_id}` shows"
            " it, `tenuto tasks` lists tasks.",
            code="task.not-a-task",
        )
    if not is_served_by_us(info):
        raise UsageError(
            f"`{task_id}` calls itself a task and is on queue `{info.task_queue}`, where somebody"
            f" else's code tells what it asks and takes what is decided. Tasks are on queue"
            f" `{human_task.queue}`; find out who started it.",
            code="task.not-a-task",
        )
    return found_task(info)


def no_such_task(text: str) -> NotFoundError:
    """The error for a task that is not there, or not there for whoever asks."""
    return NotFoundError(
        f"No task is called `{text}`, and none that you may see begins or ends with it."
        " `tenuto tasks` lists yours, with `--subject` those about something.",
        code="task.not-found",
    )


async def _told(client: Client, found: FoundTask, *, asks: bool) -> Told:
    live = await _ask(client, found.task_id) if asks else None
    if live is None:
        return await _from_history(client, found)
    if found.state == "cancelled" and live.state not in CLOSED:
        # Ended by force: the task itself was not told.
        live = live.model_copy(update={"state": found.state})
    return Told(task=live, is_live=True)


async def _ask(client: Client, task_id: str) -> TaskView | None:
    """The task's own answer; None where no worker gives one."""
    handle = client.get_workflow_handle(task_id)
    try:
        with refusals(f"task `{task_id}`"):
            try:
                view: TaskView = await handle.query(
                    "view", result_type=TaskView, rpc_timeout=WORKER_PATIENCE
                )
            except RPCError as error:
                if error.status in _SILENT:
                    return None
                raise
    except WorkflowQueryFailedError:
        # A worker that has no such code, or could not load it, tells nothing either.
        return None
    return view


async def _from_history(client: Client, found: FoundTask) -> Told:
    request = await _request(client, found)
    outcome = await recorded_outcome(client, found.task_id) if found.state in CLOSED else None
    task = TaskView(
        task_id=found.task_id,
        root=found.root,
        request=request,
        state=found.state,
        candidates=found.candidates or request.candidates,
        excluded=request.excluded,
        assignee=found.assignee,
        votes=outcome.votes if outcome else (),
        approvals_missing=0 if outcome else request.need,
        opened_at=found.started_at,
        due_at=found.due_at,
        expires_at=found.started_at + request.expire if request.expire else None,
        outcome=outcome,
    )
    return Told(task=task, is_live=False)


async def _request(client: Client, found: FoundTask) -> TaskRequest:
    run = Execution(workflow_id=found.task_id, run_id=found.run_id)
    async for event in events(client, run, page_size=1):
        given = event.workflow_execution_started_event_attributes.input.payloads
        decoded: list[dict[str, Any]] = await client.data_converter.decode(given[:1])
        # A run begins with more than the request where the task went on with a fresh history.
        asked = {name: decoded[0][name] for name in TaskRequest.model_fields if name in decoded[0]}
        return TaskRequest.model_validate(asked)
    raise no_such_task(found.task_id)
