"""`set`: put together data."""

from pydantic import JsonValue

from tenuto.definitions.plan import SetTask
from tenuto.workflows.interpreter.step import Step


async def run(task: SetTask, step: Step) -> JsonValue:
    """The data, its expressions evaluated."""
    return step.evaluate(task.value)
