"""What a run has asked people and waits to hear: each is a task of its own, shown here."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue

from tenuto.catalog.library.definitions.approval import Action, ApprovalRequest
from tenuto.core.errors import UsageError
from tenuto.definitions.plan import Pointer

STATUS_ATTRIBUTE = "TenutoStatus"
WAITING = "waiting for approval"
"""Status of a run while it waits for people; it has none otherwise."""

_COMMANDS: dict[Action, str] = {
    "approve": "approve",
    "edit": "edit",
    "reject": "reject",
    "respond": "answer",
}


class Question:
    """One approval that waits for its task to be decided."""

    def __init__(
        self,
        *,
        task_id: str,
        name: str,
        at: Pointer,
        request: ApprovalRequest,
        since: datetime,
        until: datetime | None,
    ) -> None:
        """`until` is when the task expires, UTC, to about a second; None where it does not."""
        self.id = task_id
        """Of the task; unlike the pointer, not the same again when a loop comes back."""
        self.name = name
        self.at = at
        self.request = request
        self.since = since
        self.until = until
        self._reminders: list[JsonValue] = []

    def reminded(self, at: datetime, failure: str | None) -> None:
        """Notes that people were reminded, or why they could not be."""
        self._reminders.append({"at": at.isoformat(), "failure": failure})

    def view(self) -> dict[str, JsonValue]:
        """As the query `pending` shows it. Votes and comments are the task's to show."""
        return {
            "id": self.id,
            "task": self.name,
            "at": self.at,
            "request": self.request.model_dump(mode="json", exclude_none=True),
            "since": self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "reminders": [*self._reminders],
            "answer": self.command,
        }

    @property
    def command(self) -> str:
        """What answers it, with the first action."""
        return f"tenuto tasks {_COMMANDS[self.request.actions[0]]} {self.id}"

    def sentence(self) -> str:
        """What it waits for and how to decide, in one line."""
        asked = self.request
        need = f"; {asked.need} must approve" if asked.need > 1 else ""
        until = f", until {_moment(self.until, self.since)} UTC" if self.until else ""
        return (
            f"`{self.name}` waits for {' or '.join(asked.approvers)} to decide"
            f" ({', '.join(asked.actions)}){need}{until}: {asked.title}. Answer: `{self.command}`"
        )


class Questions:
    """The questions of one run that are open."""

    def __init__(self) -> None:
        self._open: dict[str, Question] = {}
        self.on_change: Callable[[], None] = _nothing
        """Called whenever what `details` says may have changed."""

    def open(self, question: Question) -> None:
        """The run waits for it from now on."""
        self._open[question.id] = question
        self.on_change()

    def close(self, question: Question) -> None:
        """The run waits for it no more."""
        del self._open[question.id]
        self.on_change()

    @property
    def waiting(self) -> tuple[Question, ...]:
        """The open ones, oldest first."""
        return tuple(self._open.values())

    def pending(self) -> list[JsonValue]:
        """The open ones as the query shows them."""
        return [question.view() for question in self.waiting]

    def details(self) -> str:
        """What the run waits for, in words; empty when it does not."""
        return ". ".join(question.sentence() for question in self.waiting)

    def not_here(self, workflow_id: str) -> UsageError:
        """What whoever sends a decision to the run itself is told."""
        return UsageError(
            f"`{workflow_id}` counts no decisions: what it asks people is a task, decided by"
            f" whoever proves who they are. {_how(self.waiting, workflow_id)}",
            code="approval.is-a-task",
            details={"tasks": [question.id for question in self.waiting]},
        )


def _how(waiting: Sequence[Question], workflow_id: str) -> str:
    if waiting:
        return " ".join(f"`{each.name}`: `{each.command}`." for each in waiting)
    return f"None waits now; `tenuto tasks --run {workflow_id} --state any --all` lists all."


def _nothing() -> None:
    """Nobody wants to know."""


def _moment(until: datetime, since: datetime) -> str:
    """To the minute; to the second where that is what is left."""
    is_soon = until - since < timedelta(hours=1)
    return f"{until:%Y-%m-%d %H:%M:%S}" if is_soon else f"{until:%Y-%m-%d %H:%M}"
