"""Which hash of what was looked at a decision names, so that nobody decides on something unseen."""

from tenuto.catalog.library.tasks.outcome import TaskView
from tenuto.core.errors import UsageError
from tenuto.core.references import Sha256


def seen_for(task: TaskView, given: str | None, *, was_shown: bool) -> Sha256 | None:
    """The hash that a decision on `task` names; None where the task has none.

    `given` is the hash that the person names; without one, that of the task as it is now counts
    only where `was_shown` says that it was looked at. Raises UsageError `task.seen-other` for a
    hash of something else, `task.seen-needed` where none can be named.
    """
    seen = task.request.seen
    if given is None and (seen is None or was_shown):
        return seen
    if given is None:
        raise UsageError(
            f"Task `{task.task_id}` is a decision on exactly one content. Look at it with"
            f" `tenuto tasks show {task.task_id}`, then name it with `--seen {seen}`; `--yes`"
            " decides on whatever stands there now.",
            code="task.seen-needed",
            details={"seen": seen},
        )
    if given != seen:
        raise UsageError(
            f"Task `{task.task_id}` is not about what you looked at: you name `{given[:64]}`, it is"
            f" about `{seen or 'no fixed content'}`. Look at it again:"
            f" `tenuto tasks show {task.task_id}`.",
            code="task.seen-other",
            details={"seen": seen},
        )
    return seen
