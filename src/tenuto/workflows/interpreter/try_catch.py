"""`try`: which list takes an error, and what happens to it there."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue

from tenuto.core.problem import Fault, Problem
from tenuto.definitions.plan import TaskBase, TryTask
from tenuto.workflows.interpreter.faults import catches, located_in
from tenuto.workflows.interpreter.frames import Attempt, Entered, Frame
from tenuto.workflows.interpreter.retry import attempt_deadline, next_attempt
from tenuto.workflows.interpreter.stack import Stack
from tenuto.workflows.interpreter.step import Step
from tenuto.workflows.interpreter.trace import Trace


class StepOf(Protocol):
    """Makes the step of a task over data, with variables bound beside those around it."""

    def __call__(
        self,
        task: TaskBase,
        entered: Entered,
        data: JsonValue,
        variables: Mapping[str, JsonValue] | None = None,
    ) -> Step:
        """The step."""
        ...


def first_attempt(task: TryTask, entered: Entered, step: Step) -> Frame:
    """The frame of the tasks to try. Raises Fault for a limit that is no duration."""
    began = entered.started_at
    limit = attempt_deadline(task.catch.retry, began, step)
    attempt = Attempt(number=1, first_at=began, deadline=limit)
    return Frame(data=entered.input, block="try", entered=entered, attempt=attempt)


def hand_down(error: Problem, stack: Stack, trace: Trace, step_of: StepOf) -> None:
    """Hands an error of the innermost list to the nearest `try` that takes it, whose list is the
    innermost one then. Raises Fault when none does."""
    while (task := stack.owner) is not None:
        try:
            if isinstance(task, TryTask) and _is_caught(task, error, stack, trace, step_of):
                return
        except Fault as other:
            error = located_in(task, other.problem)
        stack.pop()
        trace.add(task, "faulted")
    raise Fault(error)


def _is_caught(task: TryTask, error: Problem, stack: Stack, trace: Trace, step_of: StepOf) -> bool:
    """Whether the `try` takes the error: it begins another attempt, or goes into its catch.

    The catch's tasks begin with the input of the `try`, as another attempt does; without tasks
    that input is the output. An error that retries were meant for and that outlived them goes on
    unless `do` or `then` says what to do about it.
    """
    frame = stack.top
    if frame.block != "try" or frame.attempt is None or frame.entered is None:
        return False
    catch, entered = task.catch, frame.entered
    variables: dict[str, JsonValue] = {catch.variable: error.as_json()}
    step = step_of(task, entered, entered.input, variables)
    if not catches(catch, error, step):
        return False
    again = next_attempt(catch.retry, frame.attempt, step) if catch.retry else None
    if again is not None:
        trace.add(task, "retried")
        stack.put(Frame(data=entered.input, block="try", entered=entered, attempt=again))
        return True
    if catch.retry is not None and not catch.do and catch.then is None:
        return False
    stack.put(Frame(data=entered.input, block="catch", entered=entered, variables=variables))
    return True
