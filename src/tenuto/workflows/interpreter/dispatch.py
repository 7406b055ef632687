"""Which file runs which kind of task. Tasks with tasks inside, and `switch`, are the strand's."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import JsonValue

from tenuto.definitions.plan import Task
from tenuto.workflows.interpreter import (
    approval,
    call,
    child,
    emit,
    listen,
    raise_error,
    set_data,
    wait,
)
from tenuto.workflows.interpreter import (
    run as run_workflow,
)
from tenuto.workflows.interpreter.step import Step

Runner = Callable[[Any, Step], Awaitable[JsonValue]]
"""`async def run(task: XTask, step: Step) -> JsonValue`: the raw output, or a Fault."""

IMMEDIATE = frozenset({"set", "raise"})
"""Kinds that never wait: nothing can time out in them."""

_RUNNERS: Mapping[str, Runner] = {
    "approval": approval.run,
    "call": call.run,
    "child": child.run,
    "emit": emit.run,
    "listen": listen.run,
    "raise": raise_error.run,
    "run": run_workflow.run,
    "set": set_data.run,
    "wait": wait.run,
}


async def run(task: Task, step: Step) -> JsonValue:
    """The raw output of a task that has no others inside. Raises Fault."""
    return await _RUNNERS[task.kind](task, step)
