"""How one person stands to one task: whether there is anything left for that person to decide."""

from tenuto.catalog.library.tasks.outcome import CLOSED, TaskView
from tenuto.identity.principal import Principal


def obstacle(task: TaskView, who: Principal) -> str | None:
    """Why this person cannot decide now, in a few words; None where nothing stands against it.

    For lists and pages: the task itself judges every decision again, and policy does.
    """
    if task.state in CLOSED:
        return f"it is {task.state}"
    if who.id in {vote.by for vote in task.votes}:
        return "you have voted"
    if task.request.four_eyes and who.id == task.request.requester:
        return "you ask for it"
    if task.request.four_eyes and who.id in task.request.preparers:
        return "you prepared it"
    if not who.words.isdisjoint(task.excluded):
        return "you are excluded"
    if task.assignee is not None:
        return None if task.assignee == who.id else f"{task.assignee} has claimed it"
    return None if not who.words.isdisjoint(task.candidates) else "you are no candidate"
