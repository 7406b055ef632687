"""`for`: run tasks once for each item of a collection."""

from dataclasses import replace

from pydantic import JsonValue

from tenuto.core.problem import problem
from tenuto.definitions.plan import ForTask
from tenuto.workflows.interpreter.frames import Loop
from tenuto.workflows.interpreter.step import Step


def collection(task: ForTask, step: Step) -> Loop:
    """The collection, evaluated once, over the task's input. Raises Fault when it is no array."""
    items = step.evaluate(task.in_)
    if not isinstance(items, list):
        found = "nothing (null)" if items is None else f"a value of type {type(items).__name__}"
        raise step.fail(
            problem("expression", f"`for.in` of `{task.name}` gave {found}; expected is an array.")
        )
    return Loop(items=items)


def has_item(loop: Loop) -> bool:
    """Whether there is a current item."""
    return loop.position - loop.first < len(loop.items)


def bound(task: ForTask, loop: Loop) -> dict[str, JsonValue]:
    """The loop's variables at its current item."""
    return {
        task.each: loop.items[loop.position - loop.first],
        task.at_variable: loop.position,
    }


def following(loop: Loop) -> Loop:
    """The loop at its next item."""
    return replace(loop, position=loop.position + 1)


def goes_on(task: ForTask, step: Step) -> bool:
    """Whether `while` holds; `step` is over what the iteration starts from: the output of the
    one before, the task's input at first."""
    return task.while_ is None or step.holds(task.while_)
