"""Events to the runs of this namespace: the one that is named, or all that listen."""

import re

from pydantic import JsonValue
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tenuto.activities.definitions.problems import failed_as
from tenuto.catalog.library.definitions.events import AWAITS_ATTRIBUTE, EVENT_SIGNAL, CloudEvent
from tenuto.core.errors import TransientError, UsageError

_SEARCHABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}")
"""Quoting rules of visibility queries can be talked out of any escaping: all else is refused."""


def refuse_unsearchable(event: CloudEvent) -> None:
    """Raises UsageError `events.type-unsearchable` for a type that no query may hold.

    Also where `subject` names a run: listeners of such a type would never be found, and whether
    an event arrives must not depend on who is open.
    """
    if _SEARCHABLE.fullmatch(event.type) is None:
        raise failed_as(
            "validation",
            UsageError(
                f"the type {event.type[:80]!r} cannot be searched for; a type begins with a "
                "letter or digit and has at most 128 letters, digits, and . _ : @ / + -",
                code="events.type-unsearchable",
            ),
        )


async def deliver(
    client: Client, event: CloudEvent, value: dict[str, JsonValue]
) -> tuple[str, ...]:
    """The workflow ids of the runs that were signalled, sorted.

    Runs are found by a search attribute that they have from their start; the server may take a
    second to know it. Raises TransientError `events.not-delivered`, UsageError
    `events.namespace-not-prepared`.
    """
    try:
        if event.subject and await _signalled(client, event.subject, None, value):
            return (event.subject,)
        return await _to_listeners(client, event.type, value)
    except RPCError as exc:
        if exc.status == RPCStatusCode.INVALID_ARGUMENT and AWAITS_ATTRIBUTE in exc.message:
            raise UsageError(
                f"the namespace {client.namespace!r} has no search attribute {AWAITS_ATTRIBUTE} "
                "(keyword list), by which listeners are found; `tenuto up` or `tenuto worker` "
                "creates it, on Temporal Cloud its administrator",
                code="events.namespace-not-prepared",
            ) from exc
        raise TransientError(
            f"the event {event.type} cannot be delivered to runs of {client.namespace!r} "
            f"({exc.message}); it is tried again under the retry policy",
            code="events.not-delivered",
        ) from exc


async def _to_listeners(
    client: Client, event_type: str, value: dict[str, JsonValue]
) -> tuple[str, ...]:
    query = f"{AWAITS_ATTRIBUTE} = '{event_type}' AND ExecutionStatus = 'Running'"
    told: set[str] = set()
    async for run in client.list_workflows(query):
        if await _signalled(client, run.id, run.run_id, value):
            told.add(run.id)
        activity.heartbeat({"delivered": len(told)})
    return tuple(sorted(told))


async def _signalled(
    client: Client, workflow_id: str, run_id: str | None, value: dict[str, JsonValue]
) -> bool:
    """Whether there was an open run to signal."""
    try:
        await client.get_workflow_handle(workflow_id, run_id=run_id).signal(EVENT_SIGNAL, value)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
