"""The engine as the interpreter's host: every call with an id and a name that people can read."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import (
    Priority,
    RetryPolicy,
    SearchAttributeKey,
    SearchAttributeUpdate,
)
from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.workflow import (
    ActivityCancellationType,
    ChildWorkflowCancellationType,
    ParentClosePolicy,
)

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import DataError
from tenuto.core.problem import Fault, problem
from tenuto.definitions.digest import digest_of
from tenuto.definitions.plan import CallOptions, ChildTask, Plan, ServerRetry
from tenuto.workflows import approvals
from tenuto.workflows.interpreter.child import child_arguments, child_id, spread
from tenuto.workflows.interpreter.entry import DefinitionRun, definition, found_by
from tenuto.workflows.interpreter.failures import problem_of
from tenuto.workflows.interpreter.host import RunFacts, Running

ResultT = TypeVar("ResultT")

_WAIT = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
_LEAVE = ActivityCancellationType.TRY_CANCEL

_ASKS_BY_TASK = "approval-is-a-task"
"""Patch marker of a run whose approvals are tasks for people."""

_NOT_TYPED = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100

_LONGEST_ID = 500
"""Characters of an activity's id; a workflow's id, which contains one, may have 1,000."""


class TemporalHost:
    """The world of one run. For workflow code only."""

    def __init__(self, request: DefinitionRun) -> None:
        info = workflow.info()
        self._request = request
        self.facts = RunFacts(
            workflow_id=info.workflow_id, run_id=info.run_id, started_at=info.start_time
        )
        self.calls: dict[str, int] = dict(request.state.calls) if request.state else {}
        """Pointer of a task -> how many activities and children it has had; name of an approval ->
    how many tasks."""

    def now(self) -> datetime:
        """The moment that the engine's history has."""
        return workflow.now()

    def new_id(self) -> str:
        """A UUID from the run's own seed."""
        return str(workflow.uuid4())

    def random(self) -> float:
        """From the run's own seed."""
        return workflow.random().random()

    async def call(
        self, activity: str, argument: JsonValue, options: CallOptions, *, task: str, at: str
    ) -> JsonValue:
        """The result of an activity. One that beats is waited for when it is cancelled."""
        start = workflow.start_local_activity if options.is_local else workflow.start_activity
        work: Awaitable[JsonValue] = start(
            activity,
            args=spread(argument, options.spreads_fields, f"Activity `{activity}`"),
            activity_id=self._next_id(at),
            summary=options.summary or task,
            **_engine_options(options),
        )
        return await _outcome(work, task)

    async def call_workflow(self, task: ChildTask, request: JsonValue) -> JsonValue:
        """The result of a child; its clean-up is waited for when it is cancelled."""
        work: Awaitable[JsonValue] = workflow.execute_child_workflow(
            task.type_name,
            args=child_arguments(task, request),
            id=child_id(task, request) or self._child_id(task.at),
            task_queue=task.queue,
            execution_timeout=_seconds(task.execution_timeout_s),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            static_summary=task.name,
        )
        return await _outcome(work, task.name)

    async def run_definition(
        self, plan: Plan, value: JsonValue, *, is_awaited: bool, task: str, at: str
    ) -> JsonValue:
        """The output of a child of this same workflow type; its id when nobody waits for it."""
        policy = ParentClosePolicy.REQUEST_CANCEL if is_awaited else ParentClosePolicy.ABANDON
        start = workflow.start_child_workflow(
            definition.type_name,
            DefinitionRun(plan=plan, digest=digest_of(plan), input=value, jq=self._request.jq),
            id=self._child_id(at),
            task_queue=definition.queue,
            parent_close_policy=policy,
            cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            search_attributes=found_by(plan),
            static_summary=task,
        )
        child = await _outcome(start, task)
        if not is_awaited:
            return child.id
        output: JsonValue = await _outcome(child, task)
        return output

    def asks_by_task(self) -> bool:
        """By what the run's history says, where it has come here before."""
        return workflow.patched(_ASKS_BY_TASK)

    async def ask_people(
        self, wanted: TaskRequest, *, task: str, at: str, opened: Callable[[str], None]
    ) -> TaskOutcome:
        """The outcome of a child on the queue of tasks, which ends with whoever asked."""
        return await _outcome(_asked(self._next_name(task), wanted, opened), task)

    async def sleep(self, delay: timedelta, *, summary: str) -> None:
        """A timer of the engine; none for no delay."""
        if delay <= timedelta(0):
            await asyncio.sleep(0)
            return
        await workflow.sleep(delay, summary=_short(summary))

    async def until(
        self, condition: Callable[[], bool], *, at_most: timedelta | None = None, summary: str = ""
    ) -> bool:
        """Waits for what messages change."""
        try:
            await workflow.wait_condition(
                condition, timeout=at_most, timeout_summary=_short(summary) or None
            )
        except TimeoutError:
            return False
        return True

    def start(self, work: Coroutine[Any, Any, ResultT], *, name: str) -> Running[ResultT]:
        """A task on the workflow's own event loop."""
        return asyncio.create_task(work, name=name)

    async def first_of(self, running: Sequence[Running[Any]]) -> None:
        """Waits without cancelling any."""
        await workflow.wait_condition(lambda: any(each.done() for each in running))

    async def within(
        self, work: Coroutine[Any, Any, ResultT], at_most: timedelta, *, summary: str
    ) -> ResultT:
        """What `work` returns; when it takes too long, its clean-up is waited for first."""
        if at_most <= timedelta(0):
            work.close()
            raise TimeoutError
        return await _finished(work, at_most, summary)

    def set_search_attributes(self, values: dict[str, JsonValue]) -> None:
        """Upserts `values`, each as the type that it has in JSON.

        The namespace must know the names. A run cannot ask: where one is not known, the engine
        refuses the step and tries it again until somebody creates the attribute, and
        `tenuto show` says which. So deploying and starting check the names before.
        """
        if not workflow.in_workflow():
            return
        workflow.upsert_search_attributes(
            [_search_attribute(name, value) for name, value in values.items()]
        )

    def show(self, details: str) -> None:
        """Shown by the engine's own console."""
        if workflow.in_workflow():  # not when Python only drops the run from memory
            workflow.set_current_details(details)

    def wants_fresh_history(self) -> bool:
        """Whether the engine says so, or the run was started with a lower limit."""
        info = workflow.info()
        most = self._request.most_events
        if most is not None and info.get_current_history_length() >= most:
            return True
        return info.is_continue_as_new_suggested()

    def _child_id(self, at: str) -> str:
        return f"{self.facts.workflow_id}/{self._next_id(at)}"

    def _next_name(self, task: str) -> str:
        """What a task for people is called within this run: as the definition calls it, so that
        it can be typed, and from the second on with which it is."""
        name = _NOT_TYPED.sub("-", task)[:_LONGEST_NAME].strip("-") or "approval"
        number = self.calls[name] = self.calls.get(name, 0) + 1
        return name if number == 1 else f"{name}-{number}"

    def _next_id(self, at: str) -> str:
        """The task's pointer, and from its second call on which call it is."""
        number = self.calls[at] = self.calls.get(at, 0) + 1
        name = at.strip("/")
        if len(name) > _LONGEST_ID:
            name = sha256(name.encode()).hexdigest()
        return name if number == 1 else f"{name}#{number}"


async def _asked(name: str, wanted: TaskRequest, opened: Callable[[str], None]) -> TaskOutcome:
    waiting = await approvals.open(name, wanted)
    opened(waiting.id)
    try:
        return await waiting.outcome()
    except DataError as ended:
        if ended.code != "task.expired":
            raise
        return TaskOutcome.model_validate(ended.details["outcome"])


async def _outcome(work: Awaitable[ResultT], task: str) -> ResultT:
    """What `work` gives. Raises Fault for a failure, and for a cancellation by somebody else."""
    try:
        return await _finished(work)
    except FailureError as failed:
        if is_cancelled_exception(failed):
            raise Fault(problem("runtime", f"What `{task}` called was cancelled.")) from failed
        raise Fault(problem_of(failed)) from failed


async def _finished(
    work: Awaitable[ResultT], at_most: timedelta | None = None, summary: str = ""
) -> ResultT:
    """What `work` returns. When it takes too long, or when the caller is cancelled, it is
    cancelled and its clean-up waited for, and what it then says is not heard.

    It has a task of its own (an activity is one), because the engine's calls take a cancellation
    for themselves: one that succeeds all the same would let its caller go on.
    """
    doing = work if isinstance(work, asyncio.Task) else asyncio.create_task(_awaited(work))
    try:
        if at_most is None:
            return await asyncio.shield(doing)
        await workflow.wait_condition(
            doing.done, timeout=at_most, timeout_summary=_short(summary) or None
        )
    except GeneratorExit:  # the run is dropped from memory: nobody is left to wait
        raise
    except BaseException:
        doing.cancel()
        await _to_its_end(doing)
        raise
    return doing.result()


async def _awaited(work: Awaitable[ResultT]) -> ResultT:
    return await work


async def _to_its_end(doing: "asyncio.Task[Any]") -> None:
    while not doing.done():
        try:
            await workflow.wait_condition(doing.done)
        except asyncio.CancelledError:
            continue
    if not doing.cancelled():
        doing.exception()


def _seconds(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(seconds=number)


@lru_cache(512)
def _engine_options(options: CallOptions) -> dict[str, Any]:
    """As the engine takes them; not to be changed: calls with the same options share them."""
    common: dict[str, Any] = {
        "start_to_close_timeout": _seconds(options.start_to_close_s),
        "schedule_to_close_timeout": _seconds(options.schedule_to_close_s),
        "schedule_to_start_timeout": _seconds(options.schedule_to_start_s),
        "retry_policy": _retry(options.retry),
    }
    if options.is_local:
        return common
    # Only a body that beats learns that it is cancelled.
    beats = options.heartbeat_s is not None
    return common | {
        "task_queue": options.queue,
        "heartbeat_timeout": _seconds(options.heartbeat_s),
        "priority": Priority(priority_key=options.priority),
        "cancellation_type": _WAIT if beats else _LEAVE,
    }


def _retry(retry: ServerRetry | None) -> RetryPolicy | None:
    if retry is None:
        return None
    return RetryPolicy(
        initial_interval=timedelta(seconds=retry.initial_s),
        backoff_coefficient=retry.backoff,
        maximum_interval=_seconds(retry.maximum_s),
        maximum_attempts=retry.attempts,
        non_retryable_error_types=list(retry.non_retryable),
    )


def _short(summary: str) -> str:
    """The engine refuses a summary of more than 400 bytes."""
    return summary.encode()[:400].decode(errors="ignore")


def _search_attribute(name: str, value: JsonValue) -> SearchAttributeUpdate[Any]:
    match value:
        case None:
            return SearchAttributeKey.for_keyword(name).value_unset()
        case bool():
            return SearchAttributeKey.for_bool(name).value_set(value)
        case int():
            return SearchAttributeKey.for_int(name).value_set(value)
        case float():
            return SearchAttributeKey.for_float(name).value_set(value)
        case str():
            return SearchAttributeKey.for_keyword(name).value_set(value)
        case list() if all(isinstance(each, str) for each in value):
            words = [str(each) for each in value]
            return SearchAttributeKey.for_keyword_list(name).value_set(words)
    raise Fault(
        problem(
            "configuration",
            f"Search attribute `{name}` cannot be {value!r}; expected is text, a number, true or"
            " false, a list of texts, or null to remove it.",
        )
    )
