"""What came of a task, and how it stands meanwhile."""

from typing import Literal

from pydantic import AwareDatetime, JsonValue, NonNegativeInt

from tenuto.catalog.library.tasks.request import Action, TaskRequest
from tenuto.core.errors import DataError, UsageError
from tenuto.core.records import Record
from tenuto.core.references import Document, Sha256

State = Literal["open", "claimed", "approved", "rejected", "answered", "expired", "cancelled"]
CLOSED: frozenset[State] = frozenset({"approved", "rejected", "answered", "expired", "cancelled"})
_LONGEST_COMMENT = 200


class Vote(Record):
    """One person's decision as counted, with what proves it."""

    by: str
    groups: tuple[str, ...] = ()
    decision: Action
    at: AwareDatetime
    """UTC."""
    comment: str = ""
    form: dict[str, JsonValue] | None = None
    seen: Sha256 | None = None
    ticket: str
    """Name (`jti`) of the ticket; the ticket itself is in the task's history."""
    policy: Sha256
    """Digest of the policy that allowed it."""
    rules: tuple[str, ...] = ()
    via: str = ""


class TaskOutcome(Record):
    """How a task ended. The result of a `HumanTask`."""

    task_id: str
    """Workflow id of the task."""
    state: State
    decision: Action | None = None
    """None where it was cancelled, or expired without a default."""
    by: str | None = None
    """Who decided, with the last vote; None where nobody did."""
    at: AwareDatetime
    votes: tuple[Vote, ...] = ()
    """In the order they came."""
    comment: str = ""
    """Of the vote that decided, or the administrator's reason."""
    form: dict[str, JsonValue] | None = None
    """Of the vote that decided."""
    seen: Sha256 | None = None

    @property
    def is_approved(self) -> bool:
        """Whether it may go on."""
        return self.state == "approved"

    def sentence(self) -> str:
        """What became of it, by whom, and when."""
        when = f"at {self.at:%Y-%m-%d %H:%M:%S} UTC"
        if self.state in ("expired", "cancelled"):
            return f"{self.state} {when}" + (f" by `{self.by}`" if self.by else "")
        return f"decided by {f'`{self.by}`' if self.by else 'nobody in time'} {when}: {self.state}"

    def require_approved(self) -> "TaskOutcome":
        """Itself, where it was approved.

        Raises DataError `task.rejected` for every other end, with who, when, and why.
        """
        if self.is_approved:
            return self
        why = f" ({self.comment})" if self.comment else ""
        raise DataError(
            f"`{self.task_id}` was not approved, it was {self.sentence()}{why}. Correct what was"
            " objected to, and ask again.",
            code="task.rejected",
            details={"outcome": self.model_dump(mode="json")},
        )


class Standing(Record):
    """How a task stands after a message: the answer of its updates."""

    state: State
    assignee: str | None
    approvals_missing: NonNegativeInt
    outcome: TaskOutcome | None = None


def closed(outcome: TaskOutcome) -> UsageError:
    """`task.closed`: what whoever comes late is told, with the recorded outcome in `details`."""
    comment = _printed(outcome.comment)
    why = f" ({comment})" if comment else ""
    return UsageError(
        f"`{outcome.task_id}` is closed: already {outcome.sentence()}{why}. What you sent came too"
        " late and was not recorded.",
        code="task.closed",
        details={"outcome": outcome.model_dump(mode="json")},
    )


def _printed(text: str) -> str:
    """A person's words for a message on a terminal: on one line, short, and without what acts."""
    shown = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return shown if len(shown) <= _LONGEST_COMMENT else f"{shown[:_LONGEST_COMMENT]}..."


class Happening(Record):
    """Something that was done to a task or happened to it."""

    at: AwareDatetime
    what: str
    """`opened`, `claimed`, `commented`, `reminded`, `escalated`, `voted`, ..."""
    by: str | None = None
    text: str = ""


class TaskView(Record):
    """A task as it stands: the query `view`."""

    task_id: str
    root: str
    """Workflow id of the run at the top of those that ask."""
    request: TaskRequest
    state: State
    candidates: tuple[str, ...]
    excluded: tuple[str, ...]
    assignee: str | None
    votes: tuple[Vote, ...]
    approvals_missing: NonNegativeInt
    opened_at: AwareDatetime
    due_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    attachments: tuple[Document, ...] = ()
    happenings: tuple[Happening, ...] = ()
    """The latest, oldest first."""
    forgotten: NonNegativeInt = 0
    """Earlier ones, which stand in the task's history only."""
    outcome: TaskOutcome | None = None
