"""What the interpreter asks of whoever runs it: the engine, or a rehearsal without one."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from pydantic import JsonValue

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.records import Record
from tenuto.definitions.plan import CallOptions, ChildTask, Plan

ResultT = TypeVar("ResultT")
RunT = TypeVar("RunT", covariant=True)


class RunFacts(Record):
    """Which run this is."""

    workflow_id: str
    run_id: str
    started_at: datetime
    """Of the first run of the chain, UTC."""


class Running(Protocol[RunT]):
    """Something the host runs beside the caller."""

    def done(self) -> bool:
        """Whether it has ended."""
        ...

    def result(self) -> RunT:
        """What it returned; raises what it raised."""
        ...

    def cancel(self) -> object:
        """Asks it to stop; it gets `asyncio.CancelledError`."""
        ...


class Host(Protocol):
    """The world outside the plan. Every method is deterministic under replay."""

    facts: RunFacts

    def now(self) -> datetime:
        """The moment, UTC, as the engine's history has it."""
        ...

    def new_id(self) -> str:
        """A new UUID."""
        ...

    def random(self) -> float:
        """From [0, 1)."""
        ...

    async def call(
        self, activity: str, argument: JsonValue, options: CallOptions, *, task: str, at: str
    ) -> JsonValue:
        """The result of an activity called for the task named `task` at the pointer `at`.

        Raises `tenuto.core.problem.Fault`, its `instance` not yet set, when the activity fails:
        a problem it carries passes through, a timeout of the engine is `timeout` 408, all else is
        `runtime` 500. Raises `asyncio.CancelledError` when the caller is cancelled.
        """
        ...

    async def call_workflow(self, task: ChildTask, request: JsonValue) -> JsonValue:
        """The result of a child workflow of the catalog. Raises as `call` does."""
        ...

    async def run_definition(
        self, plan: Plan, value: JsonValue, *, is_awaited: bool, task: str, at: str
    ) -> JsonValue:
        """The output of another definition as a child, or its workflow id when not awaited.

        A fault of the child is raised as it is, a `Fault`.
        """
        ...

    def asks_by_task(self) -> bool:
        """Whether people are asked by `ask_people`; not so in a run that began before there was
        that, and whose history has no task."""
        ...

    async def ask_people(
        self, wanted: TaskRequest, *, task: str, at: str, opened: Callable[[str], None]
    ) -> TaskOutcome:
        """How a task for people ended, also without a decision; `opened` is told its id first.

        When the caller is cancelled, so is the task. Raises DataError where it was ended from
        outside of the tasks' own rules.
        """
        ...

    async def sleep(self, delay: timedelta, *, summary: str) -> None:
        """Returns after `delay`."""
        ...

    async def until(
        self, condition: Callable[[], bool], *, at_most: timedelta | None = None, summary: str = ""
    ) -> bool:
        """Waits until `condition` holds; whether it did before `at_most` was over."""
        ...

    def start(self, work: Coroutine[Any, Any, ResultT], *, name: str) -> Running[ResultT]:
        """Runs `work` beside the caller."""
        ...

    async def first_of(self, running: Sequence[Running[Any]]) -> None:
        """Returns when at least one has ended; on cancellation the others go on."""
        ...

    async def within(
        self, work: Coroutine[Any, Any, ResultT], at_most: timedelta, *, summary: str
    ) -> ResultT:
        """What `work` returns; it is cancelled, and TimeoutError raised, after `at_most`."""
        ...

    def set_search_attributes(self, values: dict[str, JsonValue]) -> None:
        """Makes the run findable by `values`; None removes one."""
        ...

    def show(self, details: str) -> None:
        """One line on what happens now, for people."""
        ...

    def wants_fresh_history(self) -> bool:
        """Whether the history has become long enough to go on in a new run."""
        ...
