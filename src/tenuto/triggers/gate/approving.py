"""Approvals that a rule asks for before a start: the tasks that ask for them, the votes they got.

A vote counts by its ticket: the gate's signature over who voted, in which groups, on exactly this
start. What the server says about a task can withhold a vote, and can make none.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import JsonValue
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import NotFoundError, PolicyDenied, UsageError
from tenuto.engine.headers import header_text
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.moments import now
from tenuto.engine.runs.raw import events
from tenuto.identity.keys import KeyRing
from tenuto.identity.signing import verified
from tenuto.identity.ticket import HEADER_TICKET, Ticket, hash_of
from tenuto.policy.decision import Obligation, Resource
from tenuto.triggers.gate.resources import first_run_of
from tenuto.triggers.origin import Origin
from tenuto.triggers.start import start
from tenuto.triggers.tasks.found import FoundTask
from tenuto.triggers.tasks.history import runs_of_task
from tenuto.triggers.tasks.reading import describe_task

LIFE = timedelta(hours=24)
"""How long a vote is good for: no longer than the server remembers that its start was used."""
_MOST_TIMES = 20
"""How often one start is asked for, and refused, before it needs another id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A start that somebody wants, exactly as it would be sent."""

    principal: str
    action: str
    resource: Resource
    input: JsonValue
    workflow_id: str | None
    """None where it gets an id only when it starts; nobody can approve it before."""
    reason: str = ""
    """Why the glass is broken."""

    @property
    def seen(self) -> str:
        """What an approval is bound to. A start uses its id up, and so its approvals."""
        return hash_of([self._told()])

    def _told(self) -> dict[str, JsonValue]:
        return {
            "action": self.action,
            "by": self.principal,
            "workflow": self.resource.id,
            "tags": self.resource.attributes.get("tags"),
            "id": self.workflow_id,
            "reason": self.reason,
            "input": self.input,
        }

    def request(self, asked: Obligation) -> TaskRequest:
        """The task that asks for one rule's approvals."""
        shown = {name: value for name, value in self._told().items() if value}
        person = self.principal if self.principal.startswith("u:") else None
        return TaskRequest(
            title=f"Start {self.resource.id} as {self.workflow_id}"[:200],
            description=f"Rule `{asked.rule}` asks for it: {asked.sentence()}.",
            kind="start",
            shown=shown,
            seen=self.seen,
            requester=person,
            candidates=(asked.group,),
            need=asked.need or 1,
            expire=LIFE,
            on_expiry="reject",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What people were asked before a start."""

    workflow_id: str | None
    """The id that the start has to have."""
    tasks: tuple[str, ...]
    """Empty where it may start without."""
    rules: tuple[str, ...]
    """That permit it."""


async def ask_people(
    client: Client, wish: Wish, asked_for: Iterable[Obligation], origin: Origin
) -> tuple[str, ...]:
    """The tasks that ask for these approvals, opened where none is open or approved yet.

    Raises UsageError `policy.approval-needs-id` for a start without an id.
    """
    if wish.workflow_id is None:
        raise UsageError(
            f"Approvals are for one start, and this one of `{wish.resource.id}` has no id before it"
            " starts. Give its `version`.",
            code="policy.approval-needs-id",
        )
    return tuple([await _ask(client, wish, each, origin) for each in asked_for])


async def given_approvals(
    client: Client, ring: KeyRing, wish: Wish, asked_for: Iterable[Obligation]
) -> list[JsonValue]:
    """Who approved this start: `{by, groups}` of each vote, for the context of the question."""
    votes: list[JsonValue] = []
    for asked in asked_for:
        async for task in _tasks(client, wish, asked):
            if task is not None and task.state == "approved":
                votes += [
                    {"by": vote.sub, "groups": list(vote.grp)}
                    async for vote in _votes(client, ring, wish, task.task_id)
                ]
    return votes


async def _ask(client: Client, wish: Wish, asked: Obligation, origin: Origin) -> str:
    number = 0
    async for task in _tasks(client, wish, asked):
        number += 1
        if task is None:
            continue
        if task.state in ("open", "claimed", "approved") and await _is_about(client, task, wish):
            return task.task_id
    named = _named(wish, asked, number + 1)
    await start(client, human_task, wish.request(asked), workflow_id=named, origin=origin)
    return named


async def _tasks(client: Client, wish: Wish, asked: Obligation) -> AsyncIterator[FoundTask | None]:
    """Those that asked for it so far, oldest first; None for an id that another run has taken."""
    for number in range(1, _MOST_TIMES + 1):
        try:
            yield await describe_task(client, _named(wish, asked, number))
        except NotFoundError:
            return
        except UsageError as other:
            if other.code != "task.not-a-task":
                raise
            yield None


async def _is_about(client: Client, task: FoundTask, wish: Wish) -> bool:
    run = Execution(workflow_id=task.task_id, run_id=task.run_id)
    async for event in events(client, run, page_size=1):
        given = event.workflow_execution_started_event_attributes.input.payloads
        decoded: list[Any] = await client.data_converter.decode(given[:1])
        return any(isinstance(each, dict) and each.get("seen") == wish.seen for each in decoded)
    return False


def _named(wish: Wish, asked: Obligation, number: int) -> str:
    return f"task/{wish.workflow_id}/{asked.rule}" + (f"-{number}" if number > 1 else "")


async def _votes(client: Client, ring: KeyRing, wish: Wish, task_id: str) -> AsyncIterator[Ticket]:
    first_run = await first_run_of(client, Execution(workflow_id=task_id))
    for run_id in await runs_of_task(client, task_id):
        async for event in events(client, Execution(workflow_id=task_id, run_id=run_id)):
            vote = await _vote(client, ring, wish, task_id, event)
            # One that a task refused must not count where somebody else's has taken its id.
            if vote is not None and vote.run == first_run:
                yield vote


async def _vote(
    client: Client, ring: KeyRing, wish: Wish, task_id: str, event: HistoryEvent
) -> Ticket | None:
    if not event.HasField("workflow_execution_update_accepted_event_attributes"):
        return None
    said = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
    try:
        text = header_text(said.header.fields, HEADER_TICKET)
        ticket = verified(text or "", Ticket, ring)
    except PolicyDenied:
        return None
    values: list[Any] = await client.data_converter.decode(said.args.payloads)
    if (ticket.act, ticket.task, ticket.ph) != ("decide", task_id, hash_of(values)):
        return None
    message = values[0]
    is_approval = message.get("decision") == "approve" and message.get("seen") == wish.seen
    return ticket if is_approval and now() - ticket.iat <= LIFE else None
