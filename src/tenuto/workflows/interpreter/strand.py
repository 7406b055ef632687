"""The step loop: one line of execution over a stack of frames. A run has one, each branch its own.

A list of tasks runs in a frame; a task with tasks inside opens the next frame and is completed
when that frame's list is done. An error goes down the stack to the `try` that takes it.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal, TypeVar

from pydantic import JsonValue

from tenuto.core.errors import TenutoError
from tenuto.core.problem import Fault, Problem, problem
from tenuto.definitions.expressions import holds
from tenuto.definitions.plan import (
    DoTask,
    ForkTask,
    ForTask,
    Pointer,
    SwitchTask,
    Task,
    TaskBase,
    TryTask,
)
from tenuto.workflows.interpreter import dispatch, for_each, fork, switch, try_catch
from tenuto.workflows.interpreter.arguments import task_argument
from tenuto.workflows.interpreter.data_flow import give_output, take_input
from tenuto.workflows.interpreter.durations import duration
from tenuto.workflows.interpreter.faults import located_in, too_late
from tenuto.workflows.interpreter.frames import Attempt, Ended, Entered, Frame, Loop
from tenuto.workflows.interpreter.limits import Late, Limit, refuse_late, within_limits
from tenuto.workflows.interpreter.stack import Stack, Structure
from tenuto.workflows.interpreter.step import Step
from tenuto.workflows.interpreter.world import World

ResultT = TypeVar("ResultT")


class Strand:
    """Runs one list of tasks to its end."""

    def __init__(
        self,
        world: World,
        tasks: Sequence[Task],
        frames: Sequence[Frame],
        context: JsonValue,
        *,
        variables: Mapping[str, JsonValue] | None = None,
        may_pause: bool = False,
    ) -> None:
        """`variables` are bound outside; `may_pause` allows to stop between two steps."""
        self._world = world
        self._stack = Stack(tasks, frames)
        self._outer = dict(variables or {})
        self._may_pause = may_pause
        self._is_fresh = True
        self._simple: TaskBase | None = None
        """The task under way that has no frame."""
        self._ended: Ended | None = None
        self.context = context

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Where it stands."""
        return self._stack.frames

    def position(self) -> tuple[Pointer, ...]:
        """The tasks under way, outermost first."""
        owners = (self._stack.owner_at(level) for level in range(1, len(self._stack)))
        simple = [self._simple] if self._simple else []
        under_way = (*owners, *simple)
        return tuple(task.at for task in under_way if task is not None and not task.is_woven)

    async def run(self) -> Ended | None:
        """How it ended; None when it paused because the run wants a fresh history.

        Raises Fault when no `try` takes an error, its `instance` set.
        """
        try:
            while self._ended is None:
                await self._world.pace.step()
                if self._pauses():
                    return None
                await self._go_on()
        except asyncio.CancelledError:
            self._close("cancelled", 0)
            raise
        return self._ended

    def _pauses(self) -> bool:
        """Between two steps, but never before the first: a run that only pauses goes nowhere."""
        is_fresh, self._is_fresh = self._is_fresh, False
        return self._may_pause and not is_fresh and self._world.host.wants_fresh_history()

    async def _go_on(self) -> None:
        try:
            await self._advance()
        except Late as late:
            self._time_out(late.limit)
        except Fault as fault:
            self._fail(fault.problem)
        except TenutoError as error:
            self._fail(problem("runtime", error.message, code=error.code))

    async def _advance(self) -> None:
        frame = self._stack.top
        if frame.attempt is not None and frame.attempt.not_before is not None:
            await self._await_attempt(frame, frame.attempt)
        elif self._stack.is_done:
            self._leave()
        else:
            refuse_late(self._stack.frames, self._world.host)
            await self._perform(self._stack.task, frame.data)

    # One task

    async def _perform(self, task: Task, raw: JsonValue) -> None:
        started_at = self._world.host.now()
        variables = self._variables(task_argument(task, raw, started_at))
        if task.if_ is not None and not holds(task.if_, raw, variables):
            self._world.trace.add(task, "skipped")
            self._stack.go(self._stack.top.index + 1, raw)
            return
        self._world.trace.add(task, "started")
        self._simple = task
        value = take_input(task, raw, variables, self._world.schemas)
        entered = Entered(raw=raw, input=value, started_at=started_at)
        step = self._step(task, value, {**variables, "input": value})
        if task.search_attributes:
            self._world.host.set_search_attributes(
                {name: step.evaluate(value) for name, value in task.search_attributes.items()}
            )
        if task.timeout is not None:
            longest = duration(step.evaluate(task.timeout))
            entered = replace(entered, deadline=started_at + longest)
        await self._do(task, entered, step)

    async def _do(self, task: Task, entered: Entered, step: Step) -> None:
        match task:
            case DoTask() | ForTask() | TryTask():
                self._simple = None
                self._enter(task, entered, step)
            case SwitchTask():
                case_, then = switch.chosen(task, step)
                self._world.trace.turn(task, case_)
                self._complete(task, entered, entered.input, then)
            case ForkTask():
                await self._fork(task, entered)
            case _ if task.kind in dispatch.IMMEDIATE:
                output = await dispatch.run(task, step)
                self._complete(task, entered, output, task.then)
            case _:
                with self._world.pending.during(task):
                    output = await self._limited(dispatch.run(task, step), self._own(entered))
                self._complete(task, entered, output, task.then)

    async def _fork(self, task: ForkTask, entered: Entered) -> None:
        variables = {**self._outer, **self._stack.variables()}
        branches = [
            Strand(
                self._world,
                (branch,),
                (Frame(data=entered.input),),
                self.context,
                variables=variables,
            )
            for branch in task.branches
        ]
        work = fork.run(task, branches, self.context, self._world.host)
        ended = await self._limited(work, self._own(entered))
        self.context = ended.context
        if ended.is_end:
            self._end(ended.data)
        else:
            self._complete(task, entered, ended.data, task.then)

    def _complete(self, task: Task, entered: Entered, raw: JsonValue, then: str) -> None:
        """Passes the raw output on; the innermost list is the one that `task` is in."""
        described = task_argument(task, entered.raw, entered.started_at)
        variables = self._variables({**described, "output": raw})
        variables["input"] = entered.input
        result = give_output(task, raw, variables, self._world.schemas)
        target = None if then == "end" else self._stack.target(then)
        self.context = result.context
        if target is None:
            self._simple = task
            self._end(result.output)
        else:
            self._simple = None
            self._world.trace.add(task, "completed")
            self._stack.go(target, result.output)

    def _end(self, data: JsonValue) -> None:
        """Ends the whole run gracefully: what encloses the task is complete as it is."""
        self._close("completed", 0)
        self._ended = Ended(data=data, context=self.context, is_end=True)

    # Tasks with tasks inside

    def _enter(self, task: Structure, entered: Entered, step: Step) -> None:
        if isinstance(task, ForTask):
            self._iterate(task, entered, for_each.collection(task, step), entered.input)
        elif isinstance(task, TryTask):
            self._stack.push(try_catch.first_attempt(task, entered, step))
        else:
            self._stack.push(Frame(data=entered.input, entered=entered))

    def _leave(self) -> None:
        """The innermost list is done: on to what follows it."""
        task = self._stack.owner
        if task is None:
            self._ended = Ended(data=self._stack.top.data, context=self.context)
            return
        frame = self._stack.pop()
        entered = _entered(frame)
        if isinstance(task, ForTask) and frame.loop is not None:
            self._iterate(task, entered, for_each.following(frame.loop), frame.data)
        elif isinstance(task, TryTask) and frame.block == "catch":
            self._complete(task, entered, frame.data, task.catch.then or task.then)
        else:
            self._complete(task, entered, frame.data, task.then)

    def _iterate(self, task: ForTask, entered: Entered, loop: Loop, data: JsonValue) -> None:
        """Opens the iteration of the current item, or completes the `for`.

        `exit` inside an iteration ends that iteration only: the list it leaves is the loop's.
        """
        if for_each.has_item(loop):
            variables = for_each.bound(task, loop)
            if for_each.goes_on(task, self._step_of(task, entered, data, variables)):
                frame = Frame(data=data, entered=entered, loop=loop, variables=variables)
                self._stack.push(frame)
                self._world.trace.turn(task, str(loop.position))
                return
        self._complete(task, entered, data, task.then)

    # Errors

    def _fail(self, error: Problem) -> None:
        task = self._stack.task
        self._simple = None
        self._world.trace.add(task, "faulted")
        self._hand_down(located_in(task, error))

    def _hand_down(self, error: Problem) -> None:
        try_catch.hand_down(error, self._stack, self._world.trace, self._step_of)

    async def _await_attempt(self, frame: Frame, attempt: Attempt) -> None:
        assert attempt.not_before is not None  # noqa: S101 (the caller looked)
        delay = attempt.not_before - self._world.host.now()
        task = self._stack.owner
        if delay > timedelta(0) and task is not None:
            summary = f"before attempt {attempt.number} of {task.name}"
            with self._world.pending.during(task):
                await self._limited(self._world.host.sleep(delay, summary=summary))
        self._stack.put(replace(frame, attempt=replace(attempt, not_before=None)))

    # Time

    def _own(self, entered: Entered) -> Limit | None:
        if entered.deadline is None:
            return None
        return Limit(at=entered.deadline, level=len(self._stack))

    async def _limited(
        self, work: Coroutine[Any, Any, ResultT], own: Limit | None = None
    ) -> ResultT:
        return await within_limits(work, self._stack.frames, own, self._world.host)

    def _time_out(self, limit: Limit) -> None:
        if limit.level == len(self._stack):
            task: Task = self._stack.task
            self._fail(too_late(f"`{task.name}`"))
            return
        self._close("cancelled", limit.level)
        owner = self._stack.owner
        assert owner is not None  # noqa: S101 (the outermost list has no limit)
        if limit.is_attempt:
            self._hand_down(located_in(owner, too_late(f"An attempt of `{owner.name}`")))
            return
        self._stack.pop()
        self._fail(too_late(f"`{owner.name}`"))

    def _close(self, status: Literal["completed", "cancelled"], level: int) -> None:
        """Ends what is under way above the frame at `level`, the innermost task first."""
        if self._simple is not None:
            self._world.trace.add(self._simple, status)
            self._simple = None
        while len(self._stack) > level + 1:
            task = self._stack.owner
            assert task is not None  # noqa: S101 (a frame above the outermost)
            self._world.trace.add(task, status)
            self._stack.pop()

    # What expressions see

    def _variables(
        self, described: JsonValue, more: Mapping[str, JsonValue] | None = None
    ) -> dict[str, JsonValue]:
        """What is bound around the current task, and `more`; no name hides the standard ones."""
        return {
            **self._outer,
            **self._stack.variables(),
            **(more or {}),
            **self._world.arguments,
            "context": self.context,
            "task": described,
        }

    def _step_of(
        self,
        task: TaskBase,
        entered: Entered,
        data: JsonValue,
        variables: Mapping[str, JsonValue] | None = None,
    ) -> Step:
        """`task` over `data`, with `variables` bound beside those of the lists around it."""
        described = task_argument(task, entered.raw, entered.started_at)
        known = self._variables(described, variables)
        known["input"] = entered.input
        return self._step(task, data, known)

    def _step(self, task: TaskBase, data: JsonValue, variables: Mapping[str, JsonValue]) -> Step:
        return Step(
            task=task,
            input=data,
            variables=variables,
            host=self._world.host,
            inbox=self._world.inbox,
            questions=self._world.questions,
            approvals=self._world.approvals,
            pace=self._world.pace,
        )


def _entered(frame: Frame) -> Entered:
    assert frame.entered is not None  # noqa: S101 (only the outermost frame has none)
    return frame.entered
