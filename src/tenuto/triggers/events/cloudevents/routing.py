"""Where a CloudEvent goes: to a new run, to the run it belongs to, to the runs that listen."""

import asyncio
import re
from dataclasses import dataclass

from temporalio.client import Client

from tenuto.catalog.library.definitions.events import AWAITS_ATTRIBUTE, EVENT_SIGNAL
from tenuto.core.errors import DataError, NotFoundError, UsageError
from tenuto.engine.runs.calls import refusals
from tenuto.engine.runs.execution import Execution
from tenuto.triggers.events.arrivals import Arrival, is_taken
from tenuto.triggers.events.cloudevents.reading import event_key
from tenuto.triggers.events.cloudevents.signalling import PreparedSignal, prepare_signal
from tenuto.triggers.events.cloudevents.signalling import send as send_signal
from tenuto.triggers.events.model import EventSource, Route
from tenuto.triggers.events.starting import Outcome, Prepared, prepare
from tenuto.triggers.events.starting import send as send_start
from tenuto.triggers.events.targets import Targets
from tenuto.triggers.gate.gate import Gate
from tenuto.workflows.interpreter.cloud_events import CloudEvent

_SEARCHABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}")
"""Quoting rules of visibility queries can be talked out of any escaping: all else is refused."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """An event for the runs that listen for its type."""

    event: CloudEvent


Planned = Prepared | PreparedSignal | Delivery


async def plan_event(
    event: CloudEvent, source: EventSource, name: str, targets: Targets
) -> list[Planned]:
    """All that an event sets off, checked; nothing is sent. None where no route takes it.

    Raises as `prepare` does, and DataError `triggers.bad-event` for a type that no run can listen
    for.
    """
    planned: list[Planned] = []
    for route_name, route in source.routes.items():
        arrival = Arrival(
            kind="event",
            trigger=f"{name}/{route_name}",
            event_id=event_key(event),
            data=event.get("data"),
            variables={"id": event["id"], "event": event},
        )
        taken = route.takes(str(event["type"]), str(event["source"]))
        if taken and await asyncio.to_thread(is_taken, arrival, route.filter):
            planned.append(await _planned(arrival, event, route, targets))
    return planned


async def carry_out(planned: Planned, gate: Gate, client: Client) -> Outcome:
    """Sends it. Raises PolicyDenied, UnreachableError, TransientError."""
    match planned:
        case Prepared():
            return await send_start(planned, gate, client)
        case PreparedSignal():
            return await send_signal(planned, gate, client)
        case Delivery():
            return await _deliver(planned.event, gate, client)


async def _planned(arrival: Arrival, event: CloudEvent, route: Route, targets: Targets) -> Planned:
    if route.start is not None:
        return await prepare(arrival, route.start, targets)
    if route.signal is not None:
        return await prepare_signal(arrival, route.signal, targets)
    if _SEARCHABLE.fullmatch(str(event["type"])) is None:
        raise DataError(
            "No run can listen for this type of event: a type begins with a letter or digit and has"
            " at most 128 letters, digits, and . _ : @ / + -",
            code="triggers.bad-event",
        )
    return Delivery(event=event)


async def _deliver(event: CloudEvent, gate: Gate, client: Client) -> Outcome:
    """To the open run that `subject` names, else to all that listen; they know a repeated event by
    its source and id."""
    subject = event.get("subject")
    if isinstance(subject, str) and await _told(
        Execution(workflow_id=subject), event, gate, client
    ):
        return Outcome(status="delivered", delivered_to=(subject,))
    told: set[str] = set()
    query = f"{AWAITS_ATTRIBUTE} = '{event['type']}' AND ExecutionStatus = 'Running'"
    with refusals("the runs that listen"):
        async for run in client.list_workflows(query):
            found = Execution(workflow_id=run.id, run_id=run.run_id)
            if await _told(found, event, gate, client):
                told.add(run.id)
    return Outcome(
        status="delivered",
        delivered_to=tuple(sorted(told)),
        reason="" if told else "no run listens for this type of event now",
    )


async def _told(run: Execution, event: CloudEvent, gate: Gate, client: Client) -> bool:
    """Whether there was an open run to tell."""
    try:
        await gate.signal(client, run, EVENT_SIGNAL, [event], is_checked=False)
    except NotFoundError:
        return False
    except UsageError as error:
        if error.code != "runs.closed":
            raise
        return False
    return True
