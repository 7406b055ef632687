"""`call`: run an activity, and take its result."""

from pydantic import JsonValue

from tenuto.definitions.plan import CallTask
from tenuto.workflows.interpreter.step import Step


async def run(task: CallTask, step: Step) -> JsonValue:
    """What the activity returns. Its arguments are evaluated here, so that history shows them."""
    argument = step.evaluate(task.arguments)
    return await step.host.call(task.activity, argument, task.options, task=task.name, at=task.at)
