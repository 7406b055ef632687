"""From a proved body to what becomes of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from temporalio.client import Client

from tenuto.triggers.events.arrivals import Arrival, is_taken
from tenuto.triggers.events.cloudevents.reading import mode_of, read_events
from tenuto.triggers.events.cloudevents.routing import Planned, carry_out, plan_event
from tenuto.triggers.events.json_body import read_body
from tenuto.triggers.events.model import EventSource, Webhook
from tenuto.triggers.events.receiver.media import media_type
from tenuto.triggers.events.starting import Outcome, prepare, send
from tenuto.triggers.events.targets import Targets
from tenuto.triggers.events.webhooks.proving import BadSignatureError
from tenuto.triggers.gate.gate import Gate

_FILTERED = Outcome(status="filtered", reason="the filter does not take it")
_SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization", "webhook-signature")


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A delivery whose signature was good."""

    body: bytes
    headers: Mapping[str, str]
    """Names in lower case. Signatures do not cover them."""
    event_id: str


async def take_webhook(
    taken: Taken, hook: Webhook, name: str, targets: Targets, gate: Gate, client: Client
) -> list[Outcome]:
    """What became of it: one run, or none where the filter does not take it. Raises TenutoError."""
    signature = hook.signature.header.lower() if hook.signature else ""
    hidden = (*_SECRET_HEADERS, signature)
    headers: JsonValue = {k: v for k, v in taken.headers.items() if k not in hidden}
    arrival = Arrival(
        kind="webhook",
        trigger=name,
        event_id=taken.event_id,
        data=read_body(taken.body),
        variables={"id": taken.event_id, "headers": headers},
    )
    if not await asyncio.to_thread(is_taken, arrival, hook.filter):
        return [_FILTERED]
    return [await send(await prepare(arrival, hook, targets), gate, client)]


async def take_events(
    taken: Taken, source: EventSource, name: str, targets: Targets, gate: Gate, client: Client
) -> list[Outcome]:
    """What became of each event, in order. All are checked before anything is sent.

    Raises TenutoError; what was sent before is found done when the sender repeats.
    """
    mode = mode_of(media_type(taken.headers.get("content-type", "")))
    if mode == "binary":
        _refuse_unsigned_attributes(taken, source)
    planned: list[list[Planned]] = [
        await plan_event(event, source, name, targets)
        for event in read_events(mode, taken.body, taken.headers)
    ]
    outcomes: list[Outcome] = []
    for each in planned:
        outcomes += [await carry_out(part, gate, client) for part in each] or [_FILTERED]
    return outcomes


def _refuse_unsigned_attributes(taken: Taken, source: EventSource) -> None:
    """In binary mode an event's attributes are headers, which signatures do not cover: without
    this, a recorded delivery under another `ce-id` would be another event."""
    match source.scheme:
        case "standard-webhooks" if taken.headers.get("ce-id") != taken.event_id:
            why = "`ce-id` differs from `webhook-id`, which is signed; or send it structured"
        case "hmac-sha256":
            why = "the signature does not cover its attributes; send it structured"
        case _:
            return
    raise BadSignatureError(
        f"A binary event is not accepted: {why}.", code="triggers.bad-signature"
    )
