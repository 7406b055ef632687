"""A run without an engine: what a definition would do, step by step, with nothing done."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from pydantic import Field, JsonValue

from tenuto.catalog.library.definitions.as_task import result_of
from tenuto.catalog.library.definitions.catalog import load
from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.problem import Fault, Problem
from tenuto.core.records import Record
from tenuto.definitions.plan import CallOptions, ChildTask, Plan, Pointer, TaskBase
from tenuto.workflows.interpreter.frames import Ended
from tenuto.workflows.interpreter.guards import BREATH
from tenuto.workflows.interpreter.host import RunFacts, Running
from tenuto.workflows.interpreter.machine import Machine
from tenuto.workflows.interpreter.rehearsed_decisions import decided, said
from tenuto.workflows.interpreter.samples import sample
from tenuto.workflows.interpreter.trace import TraceEntry
from tenuto.workflows.interpreter.virtual_time import (
    WaitsForEver,
    loop_time,
    passed,
    run_in_virtual_time,
)

ResultT = TypeVar("ResultT")

MOST_HAPPENINGS = 10_000
"""A rehearsal is cut here: the definition may well be meant to go on for ever."""

_MOST_BREATHS = 2
"""So many times ten thousand steps without a wait are enough to see."""

_BEGINS = datetime(2026, 1, 1, tzinfo=UTC)

What = Literal["call", "child", "definition", "wait", "approval", "search-attributes"]


Outcome = Literal["completed", "faulted", "waits", "cut"]


class Happening(Record):
    """Something that a run would have the world do."""

    what: What
    task: str
    at: Pointer = ""
    name: str = ""
    """Of the activity, the workflow, or the definition."""
    argument: JsonValue = None
    """With every expression resolved."""
    answer: JsonValue = None
    """What the rehearsal went on with."""


class Turn(Record):
    """Something that a task did, for who wants to see the way."""

    task: str
    at: Pointer = ""
    kind: str
    what: str
    """A status of the trace, or `turned`: a `switch` or a `for` went on somewhere."""
    details: str = ""
    """Of `turned`: the case that a `switch` took, the position of a `for`."""
    after: int
    """How many things had happened before."""


class Answers(Record):
    """What the world says in a rehearsal. A task is named by its pointer, or else by its name."""

    outputs: dict[str, JsonValue] = Field(default_factory=dict)
    """Task -> what its activity, child, or definition returns."""
    problems: dict[str, Problem] = Field(default_factory=dict)
    """Task -> how it fails instead."""
    decisions: dict[str, str] = Field(default_factory=dict)
    """Approval -> what everybody says; its first action unless given."""
    results: dict[str, JsonValue] = Field(default_factory=dict)
    """Name of an activity or a workflow -> JSON Schema of its result: a task without an output
    gets a sample of it. Null without a schema."""
    definitions: dict[str, Plan] = Field(default_factory=dict)
    """`namespace/name:version`, as a task names it -> the plan that is deployed under that name."""
    events: tuple[JsonValue, ...] = ()
    """CloudEvents that are there from the start."""


class Rehearsed(Record):
    """How a rehearsal went."""

    outcome: Outcome
    """`waits`: for an event that never came. `cut`: too many things happened."""
    output: JsonValue = None
    error: Problem | None = None
    happened: tuple[Happening, ...]
    """In order; branches of a fork take turns."""
    trace: tuple[TraceEntry, ...]
    """The latest entries, as a run keeps them."""
    way: tuple[Turn, ...] = ()
    """What the tasks did, in order; the first MOST_HAPPENINGS of it."""
    took: timedelta
    """How long the run's own waits take together."""


class RehearsalCut(Exception):  # noqa: N818 (what it is)
    """There is no end to it."""


def rehearse(plan: Plan, value: JsonValue, answers: Answers | None = None) -> Rehearsed:
    """How a run of `plan` with the input `value` would go. Nothing is called, nothing waits.

    Not for use inside a running event loop: it runs one of its own.
    """
    answers = answers or Answers()
    host = RehearsalHost(answers)
    machine = Machine(plan, value, host)
    machine.trace.watch = host.turn
    for event in answers.events:
        machine.inbox.offer(event)
    host.people = lambda: _decided(machine, host, answers)

    ended: Ended | None = None
    error: Problem | None = None
    outcome: Outcome = "completed"
    try:
        ended = run_in_virtual_time(_timed(machine, host), when_idle=host.wake)
    except Fault as fault:
        outcome, error = "faulted", fault.problem
    except WaitsForEver:
        outcome = "waits"
    except RehearsalCut:
        outcome = "cut"
    return Rehearsed(
        outcome=outcome,
        output=ended.data if ended else None,
        error=error,
        happened=tuple(host.happened),
        trace=machine.trace.entries(),
        way=tuple(host.way),
        took=host.passed,
    )


async def _timed(machine: Machine, host: "RehearsalHost") -> Ended | None:
    try:
        return await machine.run()
    finally:
        host.now()  # which also notes how much time is over


def _decided(machine: Machine, host: "RehearsalHost", answers: Answers) -> bool:
    """Whether people decided something of what the run asked them."""
    is_any = False
    for question in machine.questions.waiting:
        asked = host.asked[question.id]
        action = said(answers.decisions, question.at, question.name)
        outcome = decided(asked.wanted, question.id, action, question.name, host.now())
        if asked.outcome is None and outcome is not None:
            asked.outcome, is_any = outcome, True
            host.note(
                Happening(
                    what="approval",
                    task=question.name,
                    at=question.at,
                    argument=question.request.model_dump(mode="json", exclude_none=True),
                    answer=result_of(outcome).model_dump(mode="json"),
                )
            )
    return is_any


@dataclass
class _Asked:
    """A task for people that nobody but the rehearsal sees."""

    wanted: TaskRequest
    outcome: TaskOutcome | None = None


class RehearsalHost:
    """The interpreter's world in virtual time. Inside `run_in_virtual_time` only."""

    def __init__(self, answers: Answers, *, most_happenings: int = MOST_HAPPENINGS) -> None:
        self.facts = RunFacts(workflow_id="rehearsal", run_id="rehearsal", started_at=_BEGINS)
        self.happened: list[Happening] = []
        self.way: list[Turn] = []
        self.people: Callable[[], bool] = lambda: False
        """Called when everything waits; whether somebody decided something."""
        self.passed = timedelta(0)
        """Virtual time that is over."""
        self.asked: dict[str, _Asked] = {}
        """Id of a task for people -> what it asks, and what they said."""
        self._answers = answers
        self._most = most_happenings
        self._ids = 0
        self._breaths = 0
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Virtual time, from the beginning of 2026."""
        self.passed = passed()
        return _BEGINS + self.passed

    def new_id(self) -> str:
        """UUIDs in order."""
        self._ids += 1
        return str(uuid.UUID(int=self._ids))

    def random(self) -> float:
        """The middle of every range."""
        return 0.5

    async def call(
        self, activity: str, argument: JsonValue, options: CallOptions, *, task: str, at: str
    ) -> JsonValue:
        """The given output of the task, or a sample."""
        plan = self._deployed(argument) if activity == load.name else None
        if plan is not None:
            return {"plan": plan.model_dump(mode="json")}
        return await self._answered("call", task, at, activity, argument)

    async def call_workflow(self, task: ChildTask, request: JsonValue) -> JsonValue:
        """The given output of the task, or a sample."""
        return await self._answered("child", task.name, task.at, task.type_name, request)

    async def run_definition(
        self, plan: Plan, value: JsonValue, *, is_awaited: bool, task: str, at: str
    ) -> JsonValue:
        """The given output of the task, or null."""
        name = f"{plan.head.namespace}/{plan.head.name}:{plan.head.version}"
        return await self._answered("definition", task, at, name, value)

    def asks_by_task(self) -> bool:
        """As runs that begin now."""
        return True

    async def ask_people(
        self, wanted: TaskRequest, *, task: str, at: str, opened: Callable[[str], None]
    ) -> TaskOutcome:
        """What people say as soon as everything waits; nothing, where none of them may decide."""
        task_id = f"task/{self.facts.workflow_id}/{task}-{len(self.asked) + 1}"
        asked = self.asked[task_id] = _Asked(wanted)
        opened(task_id)
        await self.until(lambda: asked.outcome is not None, at_most=wanted.expire, summary=task)
        if asked.outcome is not None:
            return asked.outcome
        return TaskOutcome(task_id=task_id, state="expired", at=self.now())

    async def sleep(self, delay: timedelta, *, summary: str) -> None:
        """Lets virtual time pass."""
        if delay == BREATH:
            self._breaths += 1
            if self._breaths > _MOST_BREATHS:
                raise RehearsalCut
        else:
            seconds = delay.total_seconds()
            self.note(Happening(what="wait", task=summary, argument=seconds))
        await asyncio.sleep(loop_time(delay))

    async def until(
        self, condition: Callable[[], bool], *, at_most: timedelta | None = None, summary: str = ""
    ) -> bool:
        """Waits until somebody makes the condition hold, or for `at_most`."""
        if condition():
            return True
        holds = asyncio.get_running_loop().create_future()
        waiting = (condition, holds)
        self._waiting.append(waiting)
        try:
            await asyncio.wait_for(holds, None if at_most is None else loop_time(at_most))
        except TimeoutError:
            self.note(
                Happening(
                    what="wait", task=summary, argument=at_most.total_seconds() if at_most else 0
                )
            )
            return condition()
        finally:
            self._waiting.remove(waiting)
        return True

    def wake(self) -> bool:
        """Wakes those whose condition holds by now, after people have decided if none does."""
        return self._wake() or (self.people() and self._wake())

    def _wake(self) -> bool:
        woken = False
        for condition, holds in self._waiting:
            if not holds.done() and condition():
                holds.set_result(None)
                woken = True
        return woken

    def start(self, work: Coroutine[Any, Any, ResultT], *, name: str) -> Running[ResultT]:
        """A task of the virtual loop."""
        return asyncio.get_running_loop().create_task(work, name=name)

    async def first_of(self, running: Sequence[Running[Any]]) -> None:
        """Waits without cancelling any."""
        tasks = [each for each in running if isinstance(each, asyncio.Task)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    async def within(
        self, work: Coroutine[Any, Any, ResultT], at_most: timedelta, *, summary: str
    ) -> ResultT:
        """As the engine does it: too late is too late, whatever the work says when cancelled."""
        if at_most <= timedelta(0):
            work.close()
            raise TimeoutError
        doing = asyncio.get_running_loop().create_task(work)
        try:
            await asyncio.wait([doing], timeout=loop_time(at_most))
        except asyncio.CancelledError:
            await _stopped(doing)
            raise
        if not doing.done():
            await _stopped(doing)
            raise TimeoutError
        return doing.result()

    def set_search_attributes(self, values: dict[str, JsonValue]) -> None:
        """Notes them."""
        self.note(Happening(what="search-attributes", task="", argument=dict(values)))

    def show(self, details: str) -> None:
        """Nobody looks."""

    def wants_fresh_history(self) -> bool:
        """There is none."""
        return False

    def note(self, happening: Happening) -> None:
        """Adds to what happened. Raises RehearsalCut when there is no end to it."""
        if len(self.happened) >= self._most:
            raise RehearsalCut
        self.happened.append(happening)

    def turn(self, task: TaskBase, what: str, details: str) -> None:
        """Adds to the way."""
        if len(self.way) < self._most:
            turned = Turn(
                task=task.name,
                at=task.at,
                kind=str(getattr(task, "kind", "")),
                what=what,
                details=details,
                after=len(self.happened),
            )
            self.way.append(turned)

    def _deployed(self, wanted: JsonValue) -> Plan | None:
        if not isinstance(wanted, dict):
            return None
        named = f"{wanted.get('namespace')}/{wanted.get('name')}:{wanted.get('version')}"
        return self._answers.definitions.get(named)

    async def _answered(
        self, what: What, task: str, at: str, name: str, argument: JsonValue
    ) -> JsonValue:
        known = self._answers
        failure = said(known.problems, at, task)
        key = at if at in known.outputs else task
        answer = known.outputs[key] if key in known.outputs else sample(known.results.get(name))
        self.note(
            Happening(
                what=what,
                task=task,
                at=at,
                name=name,
                argument=argument,
                answer=failure.as_json() if failure else answer,
            )
        )
        await asyncio.sleep(0)
        if failure:
            raise Fault(failure)
        return answer


async def _stopped(doing: "asyncio.Task[Any]") -> None:
    doing.cancel()
    await asyncio.wait([doing])
    if not doing.cancelled():
        doing.exception()
