"""Where a person sits: this project's server, the gate in that person's name, and the tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from temporalio.client import Client

from tenuto.catalog.library.tasks.outcome import Standing, TaskView
from tenuto.cli.session import Session, open_session
from tenuto.engine.runs.task_query import TaskFilter
from tenuto.identity.principal import Principal
from tenuto.policy.redaction import hidden_paths, without
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.resources import of_task
from tenuto.triggers.tasks.acting import Message, tell_task
from tenuto.triggers.tasks.inbox import Inbox, TaskRow, read_inbox, row_of
from tenuto.triggers.tasks.names import TaskNames
from tenuto.triggers.tasks.reading import Told, read_task


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the commands of `tenuto tasks` need."""

    session: Session
    gate: Gate

    @property
    def client(self) -> Client:
        """The project's server."""
        return self.session.client

    @property
    def who(self) -> Principal:
        """Who sits here."""
        return self.gate.principal

    @cached_property
    def _names(self) -> TaskNames:
        return TaskNames(self.client, self.may_read)

    async def may_read(self, tasks: Sequence[TaskView]) -> list[bool]:
        """Of each task, whether whoever sits here may read it."""
        return [self.gate.allows("task:read", of_task(task)) for task in tasks]

    async def inbox(self, wanted: TaskFilter, limit: int) -> Inbox:
        """A page of tasks."""
        return await read_inbox(self.client, wanted, self.who, self.may_read, limit=limit)

    async def resolve(self, text: str) -> str:
        """The id of the task that `text` names."""
        return await self._names.resolve(text)

    async def look(self, task_id: str) -> TaskRow:
        """One task; that it was looked at is recorded. Raises PolicyDenied where it may not be."""
        return row_of(await self.told(task_id), self.who)

    async def told(self, task_id: str) -> Told:
        """One task, without what the rules hide, and whether its worker told it. As `look`
        otherwise."""
        told = await read_task(self.client, task_id)
        allowed = await self.gate.authorize("task:read", of_task(told.task), hides=True)
        shown = without(told.task.request.shown, "shown", hidden_paths(allowed))
        shown = shown if isinstance(shown, dict) else {"hidden": shown}
        request = told.task.request.model_copy(update={"shown": shown})
        return told.model_copy(update={"task": told.task.model_copy(update={"request": request})})

    async def tell(self, task_id: str, message: Message) -> Standing:
        """How the task stands after `message`."""
        return await tell_task(self.client, self.gate, task_id, message)


async def open_desk() -> Desk:
    """Raises as `open_session` does."""
    session = await open_session()
    return Desk(session=session, gate=session.gate)
