"""The kinds of entry: an activity that a workflow calls, a workflow that a trigger starts, and
what a definition can call though it is neither.

An entry is a contract without a body. Workflow code imports entries, never bodies, so the
imports of a body (polars, a database driver) stay out of the sandbox.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import (
    RetryPolicy,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

RequestT = TypeVar("RequestT", bound=BaseModel)
ResultT = TypeVar("ResultT")

FIRST_VERSION = "1.0.0"

ENTRY_ATTRIBUTE = "TenutoEntry"
"""The search attribute that holds a run's catalog name."""

DEFAULT_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=30),
    maximum_attempts=3,
)


class SideEffect(StrEnum):
    """What an activity changes outside the run."""

    NONE = "none"
    """Reads and calculates."""
    ARTIFACTS = "artifacts"
    """Writes content-addressed artifacts: repeating it changes nothing."""
    EXTERNAL = "external"
    """Changes something other people see; carries an idempotency key."""
    UNKNOWN = "not declared"
    """Plain code says nothing about it; whoever decides takes it for the worst."""


@dataclass(frozen=True, kw_only=True)
class ActivityEntry(Generic[RequestT, ResultT]):
    """An activity by name, with its types, its timeouts, and what repeating it does."""

    name: str
    """`area.verb_object`, stable for ever once released."""
    request: type[RequestT]
    result: type[ResultT]
    summary: str
    queue: str
    start_to_close: timedelta
    """The longest one attempt may take."""
    schedule_to_start: timedelta | None = None
    schedule_to_close: timedelta | None = None
    heartbeat: timedelta | None = timedelta(seconds=10)
    """Longest silence of a running attempt; a dead worker is noticed after this. Our workers beat
    for every body by themselves; None for a body that runs elsewhere and does not beat."""
    retry: RetryPolicy = field(default_factory=lambda: DEFAULT_RETRY)
    side_effect: SideEffect = SideEffect.NONE
    idempotency: str = ""
    """Why a second execution does no harm, in one sentence."""
    is_local: bool = False
    """Runs inside the worker of the calling workflow, without a task of its own: for pure, fast
    functions. The body is registered on the queue of that workflow."""
    spreads_fields: bool = False
    """The body takes the request's fields as separate arguments (plain Temporal code)."""
    version: str = FIRST_VERSION
    """Semantic version of the contract, for definitions that call `name:version@default`."""

    async def __call__(self, request: RequestT, *, summary: str | None = None) -> ResultT:
        """The activity's result. For workflow code only.

        Raises `temporalio.exceptions.ActivityError` after the last attempt.
        """
        if self.is_local:
            return await self._run_locally(request, summary)
        done: ResultT = await workflow.execute_activity(
            self.name,
            request,
            result_type=self.result,
            task_queue=self.queue,
            start_to_close_timeout=self.start_to_close,
            schedule_to_start_timeout=self.schedule_to_start,
            schedule_to_close_timeout=self.schedule_to_close,
            heartbeat_timeout=self.heartbeat,
            retry_policy=self.retry,
            summary=summary,
        )
        return done

    async def _run_locally(self, request: RequestT, summary: str | None) -> ResultT:
        done: ResultT = await workflow.execute_local_activity(
            self.name,
            request,
            result_type=self.result,
            start_to_close_timeout=self.start_to_close,
            retry_policy=self.retry,
            summary=summary,
        )
        return done


@dataclass(frozen=True, kw_only=True)
class WorkflowEntry(Generic[RequestT, ResultT]):
    """A workflow by name, with its types and how its runs are called."""

    name: str
    """What a person types, for example `daily-nav`."""
    type_name: str
    """Temporal's workflow type, for example `DailyNav`."""
    request: type[RequestT]
    result: Any
    """Type of the result: a model, or any type hint."""
    summary: str
    queue: str
    run_id: str | None = None
    """Template of the workflow id over the request's fields, for example
    `nav/{fund.fund_id}/{date}/v{version}`; None gives `<name>-<random>`. Where the template
    ends in `{version}`, the starter fills the first version nobody has used."""
    execution_timeout: timedelta | None = None
    spreads_fields: bool = False
    """The workflow takes the request's fields as separate arguments (plain Temporal code)."""
    search_attributes: tuple[tuple[str, str], ...] = ()
    """Search attribute -> request field it is filled from at start."""
    version: str = FIRST_VERSION
    """Semantic version of the contract."""
    started_by: str | None = None
    """What starts it, in words, where its request is not for people to write."""

    def named(self, request: RequestT) -> str | None:
        """The workflow id that the template gives for `request`; None without a template."""
        if self.run_id is None:
            return None
        fields = {name: getattr(request, name) for name in type(request).model_fields}
        return self.run_id.format(**fields)

    def filled_search_attributes(self, request: RequestT) -> TypedSearchAttributes:
        """What a run with this request can be found by: the entry's name, and its fields."""
        values = {ENTRY_ATTRIBUTE: self.name}
        for name, field_path in self.search_attributes:
            values[name] = str(attrgetter(field_path)(request))
        return TypedSearchAttributes(
            [
                SearchAttributePair(SearchAttributeKey.for_keyword(name), value)
                for name, value in values.items()
            ]
        )

    async def as_child(
        self,
        request: RequestT,
        *,
        workflow_id: str | None = None,
        parent_close_policy: ParentClosePolicy = ParentClosePolicy.REQUEST_CANCEL,
        summary: str | None = None,
    ) -> Any:
        """The result of a run of this workflow as a child of the calling one.

        Its id is what the template gives unless `workflow_id` is given; with neither, random.
        For workflow code only. A cancelled caller cancels the child and waits for its clean-up;
        what a caller that ends otherwise does to it is `parent_close_policy`. Raises
        `temporalio.exceptions.ChildWorkflowError` when the child fails, and
        `WorkflowAlreadyStartedError` while a run with this id is open.
        """
        return await workflow.execute_child_workflow(
            self.type_name,
            request,
            id=workflow_id or self.named(request),
            result_type=self.result,
            task_queue=self.queue,
            execution_timeout=self.execution_timeout,
            parent_close_policy=parent_close_policy,
            cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            search_attributes=self.filled_search_attributes(request),
            static_summary=summary,
        )


@dataclass(frozen=True, kw_only=True)
class BuiltinEntry(Generic[RequestT, ResultT]):
    """Something a definition calls that the interpreter does itself."""

    name: str
    """`area.verb`, stable for ever once released."""
    request: type[RequestT]
    result: type[ResultT]
    summary: str
    usage: str
    """How it is used, in a sentence or two."""
    version: str = FIRST_VERSION
    """Semantic version of the contract."""


def activity(
    name: str,
    *,
    request: type[RequestT],
    result: type[ResultT],
    summary: str,
    queue: str,
    start_to_close: timedelta,
    schedule_to_start: timedelta | None = None,
    schedule_to_close: timedelta | None = None,
    heartbeat: timedelta | None = timedelta(seconds=10),
    retry: RetryPolicy | None = None,
    side_effect: SideEffect = SideEffect.NONE,
    idempotency: str = "",
    version: str = FIRST_VERSION,
) -> ActivityEntry[RequestT, ResultT]:
    """A new activity entry; retries are 1 s / 2.0 / 30 s / 3 attempts unless given."""
    return ActivityEntry(
        name=name,
        request=request,
        result=result,
        summary=summary,
        queue=queue,
        start_to_close=start_to_close,
        schedule_to_start=schedule_to_start,
        schedule_to_close=schedule_to_close,
        heartbeat=heartbeat,
        retry=retry or DEFAULT_RETRY,
        side_effect=side_effect,
        idempotency=idempotency,
        version=version,
    )


def local_activity(
    name: str,
    *,
    request: type[RequestT],
    result: type[ResultT],
    summary: str,
    queue: str,
    start_to_close: timedelta = timedelta(seconds=5),
    version: str = FIRST_VERSION,
) -> ActivityEntry[RequestT, ResultT]:
    """A new entry of a pure, fast function that runs inside the calling workflow's worker."""
    return ActivityEntry(
        name=name,
        request=request,
        result=result,
        summary=summary,
        queue=queue,
        start_to_close=start_to_close,
        heartbeat=None,
        idempotency="Calculates from its request alone.",
        is_local=True,
        version=version,
    )


def workflow_entry(
    name: str,
    *,
    type_name: str,
    request: type[RequestT],
    result: type[ResultT],
    summary: str,
    queue: str,
    run_id: str | None = None,
    execution_timeout: timedelta | None = None,
    search_attributes: tuple[tuple[str, str], ...] = (),
    version: str = FIRST_VERSION,
    started_by: str | None = None,
) -> WorkflowEntry[RequestT, ResultT]:
    """A new workflow entry."""
    return WorkflowEntry(
        name=name,
        type_name=type_name,
        request=request,
        result=result,
        summary=summary,
        queue=queue,
        run_id=run_id,
        execution_timeout=execution_timeout,
        search_attributes=search_attributes,
        version=version,
        started_by=started_by,
    )
