"""The timetable of a task: reminders, rungs of escalation, and its end, as one sorted list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, NonNegativeInt

from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.records import Record
from tenuto.workflows.human_task.state import PersonalReminder, TaskState

EXPIRE = "expire"


class Moment(Record):
    """When something happens to the task by itself."""

    at: AwareDatetime
    what: Literal["remind", "escalate", "expire"]
    number: NonNegativeInt = 0
    """Which of its kind, from 0, as the request lists them."""

    @property
    def name(self) -> str:
        """Names it within its task."""
        return EXPIRE if self.what == EXPIRE else f"{self.what}-{self.number}"


def timetable(request: TaskRequest, opened_at: datetime) -> tuple[Moment, ...]:
    """Every moment of the task's life, the first at the front; of two at once the end is last."""
    moments = [
        Moment(at=opened_at + after, what="remind", number=number)
        for number, after in enumerate(request.remind)
    ]
    moments += [
        Moment(at=opened_at + rung.after, what="escalate", number=number)
        for number, rung in enumerate(request.escalate)
    ]
    if request.expire is not None:
        moments.append(Moment(at=opened_at + request.expire, what="expire"))
    return tuple(sorted(moments, key=lambda moment: (moment.at, moment.what == EXPIRE)))


def due(request: TaskRequest, state: TaskState, now: datetime) -> Moment | None:
    """The earliest moment that has come and is not over."""
    ahead = _ahead(request, state)
    return ahead[0] if ahead and ahead[0].at <= now else None


def due_reminders(state: TaskState, now: datetime) -> tuple[PersonalReminder, ...]:
    """The reminders that people asked for whose moment has come."""
    return tuple(each for each in state.reminders if each.at <= now)


def next_at(request: TaskRequest, state: TaskState) -> datetime | None:
    """When something happens by itself next; None when nothing will."""
    moments = [moment.at for moment in _ahead(request, state)]
    return min((*moments, *(each.at for each in state.reminders)), default=None)


def ends_at(request: TaskRequest, opened_at: datetime) -> datetime | None:
    """When the task is over by itself; None where it is not."""
    if request.expire is None or request.on_expiry == "escalate":
        return None
    return opened_at + request.expire


def yet_to_come(request: TaskRequest, state: TaskState) -> tuple[str, ...]:
    """Whom the ladder will still bring in."""
    rungs = [
        request.escalate[moment.number]
        for moment in _ahead(request, state)
        if moment.what == "escalate"
    ]
    return tuple(dict.fromkeys(who for rung in rungs for who in rung.to))


def _ahead(request: TaskRequest, state: TaskState) -> Sequence[Moment]:
    return [
        moment for moment in timetable(request, state.opened_at) if moment.name not in state.passed
    ]
