"""Who says something to which task, and when: what every rule judges."""

from dataclasses import dataclass
from datetime import datetime

from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.people import group, person
from tenuto.identity.ticket import Ticket
from tenuto.workflows.human_task.ladder import ends_at
from tenuto.workflows.human_task.state import TaskState


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """A message has come in."""

    task_id: str
    request: TaskRequest
    state: TaskState
    ticket: Ticket
    """Genuine, and for this message."""
    now: datetime

    @property
    def by(self) -> str:
        """Who speaks, as names are compared; only people have `u:` before theirs."""
        return person(self.ticket.sub) if self.is_person else self.ticket.sub

    @property
    def is_person(self) -> bool:
        """Whether it is a person who speaks, and no program."""
        return self.ticket.sub.startswith("u:")

    @property
    def words(self) -> frozenset[str]:
        """Who speaks and the groups of that principal now, as lists of candidates name them."""
        return frozenset((self.by, *(group(name) for name in self.ticket.grp)))

    @property
    def kept_away(self) -> frozenset[str]:
        """Who may not decide."""
        return self.request.kept_away | frozenset(self.state.excluded)

    @property
    def expires_at(self) -> datetime | None:
        """When the task ends by itself; None where it does not."""
        return ends_at(self.request, self.state.opened_at)
