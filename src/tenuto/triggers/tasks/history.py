"""Who did what to a task, and when: from its recorded history, so that it needs no worker."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from pydantic import AwareDatetime, JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.engine.headers import header_text
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.moments import moment, now
from tenuto.engine.runs.raw import events
from tenuto.identity.signing import unverified
from tenuto.identity.ticket import HEADER_TICKET, Ticket
from tenuto.triggers.tasks.reading import Told


class Deed(Record):
    """Something that was done to a task, or happened to it."""

    at: AwareDatetime
    what: str
    """The message's name (`claim`, `decide`, ...), or what happened by itself (`reminded`)."""
    by: str | None = None
    """Who, by the ticket that is recorded with it; None where nobody did it."""
    groups: tuple[str, ...] = ()
    message: dict[str, JsonValue] | None = None
    """What was said, whole."""
    text: str = ""
    ticket: str | None = None
    """Name of the ticket."""
    policy: str | None = None
    """Digest of the rules that allowed it."""
    rules: tuple[str, ...] = ()
    via: str = ""


async def read_deeds(client: Client, told: Told) -> list[Deed]:
    """Everything that was done, oldest first, and, where the worker answers, what happened by
    itself lately: reminders, escalations, the end."""
    done = [deed async for deed in _said(client, told)]
    by_itself = [
        Deed(at=each.at, what=each.what, text=each.text)
        for each in told.task.happenings
        if each.by is None
    ]
    return sorted((*done, *by_itself), key=lambda deed: deed.at)


async def _said(client: Client, told: Told) -> AsyncIterator[Deed]:
    task_id = told.task.task_id
    for run_id in await runs_of_task(client, task_id):
        async for event in events(client, Execution(workflow_id=task_id, run_id=run_id)):
            deed = await _deed(client, told, event)
            if deed:
                yield deed


async def runs_of_task(client: Client, task_id: str) -> list[str]:
    """Ids of the task's runs, oldest first: it goes on with a fresh history when one is long."""
    runs: list[str] = []
    earlier: str | None = ""
    while earlier is not None:
        run = Execution(workflow_id=task_id, run_id=earlier)
        runs.insert(0, earlier)
        earlier = None
        async for event in events(client, run, page_size=1):
            started = event.workflow_execution_started_event_attributes
            earlier = started.continued_execution_run_id or None
            break
    return runs


async def _deed(client: Client, told: Told, event: HistoryEvent) -> Deed | None:
    at = moment(event.event_time) or now()
    if event.HasField("workflow_execution_started_event_attributes"):
        if event.workflow_execution_started_event_attributes.continued_execution_run_id:
            return None
        return Deed(at=at, what="opened", by=told.task.request.requester)
    if not event.HasField("workflow_execution_update_accepted_event_attributes"):
        return None
    accepted = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
    said: list[Any] = await client.data_converter.decode(accepted.args.payloads)
    message = said[0] if said and isinstance(said[0], dict) else {}
    ticket = _ticket(accepted.header.fields)
    return Deed(
        at=at,
        what=accepted.name,
        by=ticket.sub if ticket else None,
        groups=ticket.grp if ticket else (),
        message=message,
        text=_text(message),
        ticket=ticket.jti if ticket else None,
        policy=ticket.pol if ticket else None,
        rules=ticket.rules if ticket else (),
        via=ticket.auth.via if ticket else "",
    )


def _ticket(headers: Mapping[str, Payload]) -> Ticket | None:
    text = header_text(headers, HEADER_TICKET)
    return unverified(text, Ticket) if text else None


def _text(message: Mapping[str, Any]) -> str:
    """What a list shows of a message: the decision, to whom, and the words that go with it."""
    to = message.get("to") or ""
    whom = ", ".join(to) if isinstance(to, list) else str(to)
    document = message.get("document")
    parts = [
        message.get("decision") or message.get("what") or "",
        whom and f"to {whom}",
        document.get("name", "") if isinstance(document, dict) else "",
        message.get("comment") or message.get("text") or message.get("reason") or "",
    ]
    return ": ".join(part for part in parts if part)
