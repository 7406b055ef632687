"""What the asking workflows take and return."""

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.records import Record


class AskRequest(Record):
    """What to ask."""

    task: TaskRequest
    names: tuple[str, ...] = ("sign-off",)


class AskResult(Record):
    """What people said, in the order of the names."""

    outcomes: tuple[TaskOutcome, ...]
