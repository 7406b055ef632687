"""What the votes of a task decide, and what becomes of it when nobody decides."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from tenuto.catalog.library.tasks.outcome import State, TaskOutcome
from tenuto.catalog.library.tasks.request import Action, TaskRequest
from tenuto.workflows import quorum
from tenuto.workflows.human_task.ladder import yet_to_come
from tenuto.workflows.human_task.state import TaskState

_STATES: dict[Action, State] = {
    "approve": "approved",
    "edit": "approved",
    "reject": "rejected",
    "respond": "answered",
}


def outcome(request: TaskRequest, state: TaskState, task_id: str) -> TaskOutcome | None:
    """What the votes decide, the last of them deciding; None while more are needed."""
    left = left_to_vote(request, state, state.deciders)
    if not quorum.is_decided(state.decisions, need=request.need, veto=request.veto, left=left):
        return None
    last = state.votes[-1]
    return TaskOutcome(
        task_id=task_id,
        state=_STATES[last.decision],
        decision=last.decision,
        by=last.by,
        at=last.at,
        votes=state.votes,
        comment=last.comment,
        form=last.form,
        seen=last.seen,
    )


def expired(
    request: TaskRequest,
    state: TaskState,
    task_id: str,
    at: datetime,
    *,
    by: str | None = None,
    reason: str = "",
) -> TaskOutcome:
    """What the end without a decision means; `by` is the administrator who brought it about."""
    default: Action | None = None
    if request.on_expiry in ("approve", "reject"):
        default = "approve" if request.on_expiry == "approve" else "reject"
    return TaskOutcome(
        task_id=task_id,
        state="expired" if default is None else _STATES[default],
        decision=default,
        by=by,
        at=at,
        votes=state.votes,
        comment=reason,
    )


def cancelled(
    state: TaskState, task_id: str, at: datetime, *, by: str | None, reason: str
) -> TaskOutcome:
    """What remains of a task that nobody needs any more."""
    return TaskOutcome(
        task_id=task_id, state="cancelled", by=by, at=at, votes=state.votes, comment=reason
    )


def approvals_missing(request: TaskRequest, state: TaskState) -> int:
    """How many people must still approve."""
    return quorum.approvals_missing(state.decisions, request.need)


def left_to_vote(request: TaskRequest, state: TaskState, people: AbstractSet[str]) -> int | None:
    """How many of these, and of those whom the ladder will bring in, may still vote; None where a
    group is among them, whose members are not known here."""
    named = people | set(yet_to_come(request, state))
    if any(who.startswith("g:") for who in named):
        return None
    away = request.kept_away | set(state.excluded) | {vote.by for vote in state.votes}
    return len(named - away)
