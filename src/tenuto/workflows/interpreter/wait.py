"""`wait`: let time pass."""

from pydantic import JsonValue

from tenuto.definitions.plan import WaitTask
from tenuto.workflows.interpreter.durations import duration
from tenuto.workflows.interpreter.step import Step


async def run(task: WaitTask, step: Step) -> JsonValue:
    """The task's input, unchanged, after the time."""
    await step.host.sleep(duration(step.evaluate(task.duration)), summary=task.name)
    return step.input
