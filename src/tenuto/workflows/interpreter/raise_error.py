"""`raise`: end with an error."""

from typing import NoReturn

from pydantic import ValidationError

from tenuto.core.problem import Problem, problem
from tenuto.definitions.plan import RaiseTask
from tenuto.workflows.interpreter.step import Step


async def run(task: RaiseTask, step: Step) -> NoReturn:
    """Raises the error as a Fault, or `configuration` 400 when it has no `type` and `status`."""
    error = step.evaluate(dict(task.error))
    try:
        raised = Problem.model_validate(error)
    except ValidationError as wrong:
        raise step.fail(
            problem(
                "configuration",
                f"`{task.name}` raises {error!r}, which is no error: give `type` (text) and"
                " `status` (a whole number), and `title` and `detail` as text.",
            )
        ) from wrong
    # Where it arose is for the machine to say, whatever the author wrote.
    raise step.fail(raised.model_copy(update={"instance": None}))
