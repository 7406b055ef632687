"""What a delivery would do: filter, input, and id, with nothing sent."""

from pydantic import JsonValue

from tenuto.core.errors import NotFoundError
from tenuto.core.records import Record
from tenuto.triggers.events.arrivals import Arrival, is_taken
from tenuto.triggers.events.cloudevents.reading import read_events
from tenuto.triggers.events.cloudevents.routing import Planned, plan_event
from tenuto.triggers.events.cloudevents.signalling import PreparedSignal
from tenuto.triggers.events.json_body import read_body
from tenuto.triggers.events.model import Triggers
from tenuto.triggers.events.starting import Prepared, prepare
from tenuto.triggers.events.targets import Targets


class Rehearsed(Record):
    """One thing that would happen."""

    does: str
    """`filtered`, `start`, `signal`, or `deliver`."""
    workflow_id: str | None = None
    """Where the workflow does not name its runs itself."""
    input: JsonValue = None
    signal: JsonValue = None


async def rehearse(
    body: bytes, triggers: Triggers, section: str, name: str, event_id: str, targets: Targets
) -> list[Rehearsed]:
    """What webhook or event source `name` would make of `body`; events are taken as structured.

    Raises as the receiver refuses it.
    """
    if section == "events":
        source = triggers.events[name]
        told: list[Rehearsed] = []
        for event in read_events("structured", body, {}):
            planned = await plan_event(event, source, name, targets)
            told += map(_told, planned) if planned else [_told(None)]
        return told
    hook = triggers.webhooks.get(name)
    if hook is None:
        raise NotFoundError(f"There is no webhook `{name}`.", code="triggers.unknown-trigger")
    arrival = Arrival(
        kind="webhook",
        trigger=name,
        event_id=event_id,
        data=read_body(body),
        variables={"id": event_id, "headers": {}},
    )
    taken = is_taken(arrival, hook.filter)
    return [_told(await prepare(arrival, hook, targets) if taken else None)]


def _told(planned: Planned | None) -> Rehearsed:
    match planned:
        case None:
            return Rehearsed(does="filtered")
        case Prepared():
            named = None if planned.target.names_itself else planned.workflow_id
            return Rehearsed(does="start", workflow_id=named, input=planned.input)
        case PreparedSignal():
            return Rehearsed(
                does="signal",
                workflow_id=planned.start.workflow_id,
                input=planned.start.input,
                signal={"name": planned.signal, "payload": planned.payload},
            )
    return Rehearsed(does="deliver")
