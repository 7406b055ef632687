"""A host for tests of single tasks: an own clock that moves only when told, activities as given."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pydantic import JsonValue

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.definitions.plan import CallOptions, ChildTask, Plan, TaskBase
from tenuto.workflows.interpreter.guards import Pace
from tenuto.workflows.interpreter.host import Host, RunFacts
from tenuto.workflows.interpreter.inbox import Inbox
from tenuto.workflows.interpreter.own_votes.approvals import Approvals
from tenuto.workflows.interpreter.questions import Questions
from tenuto.workflows.interpreter.step import Step

START = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)

Activity = Callable[[JsonValue], Awaitable[JsonValue]]


class LeafHost:
    """Runs what one task asks for in this process."""

    def __init__(self, **activities: Activity) -> None:
        self.facts = RunFacts(workflow_id="order-17", run_id="run", started_at=START)
        self.shown: list[str] = []
        self.search_attributes: dict[str, JsonValue] = {}
        self.children: list[tuple[Plan, JsonValue, bool]] = []
        self.is_new = True
        """Whether the run asks by tasks."""
        self.asked: dict[str, TaskRequest] = {}
        self.outcomes: dict[str, TaskOutcome] = {}
        self._activities = activities
        self._now = START
        self._ids = itertools.count(1)

    def now(self) -> datetime:
        return self._now

    def pass_time(self, length: timedelta) -> None:
        self._now += length

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def show(self, details: str) -> None:
        self.shown.append(details)

    def set_search_attributes(self, values: dict[str, JsonValue]) -> None:
        self.search_attributes |= values

    async def call(
        self, activity: str, argument: JsonValue, options: CallOptions, *, task: str, at: str
    ) -> JsonValue:
        return await self._activities[activity.replace(".", "_")](argument)

    async def call_workflow(self, task: ChildTask, request: JsonValue) -> JsonValue:
        return {"started": task.type_name, "with": request}

    async def run_definition(
        self, plan: Plan, value: JsonValue, *, is_awaited: bool, task: str, at: str
    ) -> JsonValue:
        self.children.append((plan, value, is_awaited))
        return {"ran": plan.head.name}

    def asks_by_task(self) -> bool:
        return self.is_new

    async def ask_people(
        self, wanted: TaskRequest, *, task: str, at: str, opened: Callable[[str], None]
    ) -> TaskOutcome:
        """Waits until the test puts an outcome into `outcomes` under the task's id."""
        self.asked[f"task/{task}"] = wanted
        opened(f"task/{task}")
        await self.until(lambda: f"task/{task}" in self.outcomes)
        return self.outcomes[f"task/{task}"]

    async def sleep(self, delay: timedelta, *, summary: str) -> None:
        end = self._now + delay
        await self.until(lambda: self._now >= end)

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        return asyncio.create_task(work, name=name)

    async def until(
        self, condition: Callable[[], bool], *, at_most: timedelta | None = None, summary: str = ""
    ) -> bool:
        """As the engine does: conditions are looked at when everything else has run."""
        end = None if at_most is None else self._now + at_most
        while not condition():
            if end is not None and self._now >= end:
                return False
            await asyncio.sleep(0)
        return True


def step_of(
    task: TaskBase,
    host: LeafHost | None = None,
    *,
    value: JsonValue = None,
    inbox: Inbox | None = None,
    questions: Questions | None = None,
    approvals: Approvals | None = None,
    pace: Pace | None = None,
    **variables: JsonValue,
) -> Step:
    """The step of `task` over `value`."""
    world = cast("Host", host or LeafHost())
    return Step(
        task=task,
        input=value,
        variables={"context": None, "input": value, "workflow": {"id": "order-17"}, **variables},
        host=world,
        inbox=inbox or Inbox(),
        questions=questions or Questions(),
        approvals=approvals or Approvals(),
        pace=pace or Pace(world),
    )
