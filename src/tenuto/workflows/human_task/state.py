"""What a task knows: everything that goes along when it continues with a fresh history."""

from datetime import datetime

from pydantic import AwareDatetime, Field, NonNegativeInt

from tenuto.catalog.library.tasks.outcome import Happening, State, TaskOutcome, Vote
from tenuto.catalog.library.tasks.request import Action, TaskRequest
from tenuto.core.records import Record
from tenuto.core.references import Document

_KEPT_HAPPENINGS = 200
_KEPT_CHARACTERS = 50_000


class PersonalReminder(Record):
    """A reminder that somebody asked for."""

    by: str
    at: AwareDatetime


class TaskState(Record):
    """A task as it stands."""

    opened_at: AwareDatetime
    candidates: tuple[str, ...]
    excluded: tuple[str, ...]
    """With those who delegated it, where four eyes are wanted."""
    assignee: str | None = None
    is_entrusted: bool = False
    """The assignee was named, by the request or by delegation, and need not be a candidate. Who
    claimed it has to be one, also when deciding."""
    votes: tuple[Vote, ...] = ()
    comments: NonNegativeInt = 0
    attachments: tuple[Document, ...] = ()
    reminders: tuple[PersonalReminder, ...] = ()
    passed: tuple[str, ...] = ()
    """Moments of the timetable that are over, by name."""
    happenings: tuple[Happening, ...] = ()
    """The latest, oldest first."""
    forgotten: NonNegativeInt = 0
    outcome: TaskOutcome | None = None

    @property
    def word(self) -> State:
        """Where it stands."""
        if self.outcome is not None:
            return self.outcome.state
        return "open" if self.assignee is None else "claimed"

    @property
    def deciders(self) -> frozenset[str]:
        """The people and groups who may decide, before anybody is kept away."""
        entrusted = {self.assignee} if self.assignee and self.is_entrusted else set()
        return frozenset(self.candidates) | entrusted

    @property
    def decisions(self) -> tuple[Action, ...]:
        """What was voted, in the order it came."""
        return tuple(vote.decision for vote in self.votes)

    def happened(
        self, what: str, at: datetime, *, by: str | None = None, text: str = ""
    ) -> "TaskState":
        """The same, with one more happening; the oldest are forgotten when they grow many."""
        kept = [*self.happenings, Happening(at=at, what=what, by=by, text=text)]
        room = _KEPT_CHARACTERS - sum(len(each.text) for each in kept)
        before = len(kept)
        while len(kept) > _KEPT_HAPPENINGS or (room < 0 and len(kept) > 1):
            room += len(kept.pop(0).text)
        forgotten = self.forgotten + before - len(kept)
        return self.model_copy(update={"happenings": tuple(kept), "forgotten": forgotten})


class TaskRun(TaskRequest):
    """What a run of a task begins with."""

    carried: TaskState | None = None
    """What an earlier run of the same task knew. Whoever starts a task leaves it empty; one that
    brings it is refused, for it would bring votes that nobody cast."""
    most_events: int | None = Field(default=None, ge=50)
    """Go on with a fresh history after so many events; by default when the server suggests it."""

    def asked(self) -> TaskRequest:
        """What people are asked, without what an earlier run knew."""
        return TaskRequest.model_construct(
            **{name: getattr(self, name) for name in TaskRequest.model_fields}
        )


def opened(request: TaskRequest, at: datetime) -> TaskState:
    """A task that was just opened."""
    fresh = TaskState(
        opened_at=at,
        candidates=request.candidates,
        excluded=request.excluded,
        assignee=request.assignee,
        is_entrusted=request.assignee is not None,
    )
    return fresh.happened("opened", at, by=request.requester)
