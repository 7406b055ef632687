"""`switch`: choose where to go on."""

from tenuto.definitions.plan import SwitchTask
from tenuto.workflows.interpreter.step import Step


def chosen(task: SwitchTask, step: Step) -> str:
    """Where the first case that holds leads; else the default case; else the task's `then`."""
    for case in task.cases:
        if case.when is not None and step.holds(case.when):
            return case.then
    return next((case.then for case in task.cases if case.when is None), task.then)
