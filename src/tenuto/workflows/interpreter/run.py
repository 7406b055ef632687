"""`run.workflow`: run another definition as a child."""

from pydantic import JsonValue, ValidationError

from tenuto.core.problem import problem
from tenuto.definitions.plan import Plan, RunTask
from tenuto.workflows.interpreter.step import Step


async def run(task: RunTask, step: Step) -> JsonValue:
    """The other definition's output; the task's own input when it is not awaited.

    The plan is loaded by an activity, so that a replay runs what the first execution found:
    also where the version is `latest`.
    """
    value = step.evaluate(task.input)
    plan = await _plan(task, step)
    output = await step.host.run_definition(
        plan, value, is_awaited=task.is_awaited, task=task.name, at=task.at
    )
    return output if task.is_awaited else step.input


async def _plan(task: RunTask, step: Step) -> Plan:
    wanted: dict[str, JsonValue] = {
        "namespace": task.namespace,
        "name": task.workflow,
        "version": task.version,
    }
    loaded = await step.host.call(task.activity, wanted, task.options, task=task.name, at=task.at)
    try:
        return Plan.model_validate(loaded["plan"] if isinstance(loaded, dict) else None)
    except (KeyError, ValidationError) as wrong:
        raise step.fail(
            problem(
                "configuration",
                f"Definition `{task.namespace}/{task.workflow}:{task.version}` was loaded, and"
                " what came is no plan that this interpreter knows. Deploy it again.",
            )
        ) from wrong
