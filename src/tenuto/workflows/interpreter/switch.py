"""`switch`: choose where to go on."""

from typing import NamedTuple

from tenuto.definitions.plan import SwitchTask
from tenuto.workflows.interpreter.step import Step


class Chosen(NamedTuple):
    """The way out of a switch."""

    case: str
    """Empty where none holds."""
    then: str


def chosen(task: SwitchTask, step: Step) -> Chosen:
    """The first case that holds; else the default case; else on with the task's `then`."""
    for case in task.cases:
        if case.when is not None and step.holds(case.when):
            return Chosen(case.name, case.then)
    default = (Chosen(case.name, case.then) for case in task.cases if case.when is None)
    return next(default, Chosen("", task.then))
