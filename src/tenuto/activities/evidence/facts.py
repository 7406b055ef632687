"""What a history says about its run without being decoded: it may be encrypted."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.converter import PayloadConverter

from tenuto.activities.evidence.server import moment
from tenuto.core.errors import PolicyDenied
from tenuto.identity.signing import unverified
from tenuto.identity.ticket import HEADER_PERMIT, HEADER_TICKET, Permit, Ticket

_STATUS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "Completed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "Failed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "Canceled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "Terminated",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "TimedOut",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "ContinuedAsNew",
}


def run_facts(workflow_id: str, run_id: str, history: History) -> dict[str, JsonValue]:
    """What the record of a run says. A run without parent names itself as its root."""
    first, last = history.events[0], history.events[-1]
    started = first.workflow_execution_started_event_attributes
    return {
        "workflow_id": workflow_id,
        "run_id": run_id,
        "type": started.workflow_type.name,
        "status": _STATUS.get(last.event_type, EventType.Name(last.event_type)),
        "started_at": moment(first.event_time).isoformat(),
        "closed_at": moment(last.event_time).isoformat(),
        "events": len(history.events),
        "parent": started.parent_workflow_execution.workflow_id or None,
        "root": started.root_workflow_execution.workflow_id or workflow_id,
        "permit": _permit(started.header.fields),
        "messages": list(_messages(history)),
        "children": list(_children(history)),
    }


def _permit(headers: Mapping[str, Payload]) -> JsonValue:
    text = _header(headers, HEADER_PERMIT)
    if text is None:
        return None
    try:
        permit = unverified(text, Permit)
    except PolicyDenied:
        return {"unreadable": True, "text": text[:200]}
    return {
        "jti": permit.jti,
        "sub": permit.sub,
        "policy": permit.pol,
        "rules": list(permit.rules),
        "reason": permit.reason,
        "schedule": permit.schedule,
        "text": text,
    }


def _messages(history: History) -> Iterator[dict[str, JsonValue]]:
    """The messages that came with a ticket."""
    for event in history.events:
        name, headers = _message(event)
        text = _header(headers, HEADER_TICKET)
        if text is not None:
            yield {
                "event": event.event_id,
                "at": moment(event.event_time).isoformat(),
                "name": name,
                **_ticket(text),
            }


def _children(history: History) -> Iterator[dict[str, JsonValue]]:
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
            child = event.child_workflow_execution_started_event_attributes.workflow_execution
            yield {"workflow_id": child.workflow_id, "run_id": child.run_id}


def _message(event: HistoryEvent) -> tuple[str, Mapping[str, Payload]]:
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
        sent = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
        return sent.name, sent.header.fields
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
        signal = event.workflow_execution_signaled_event_attributes
        return signal.signal_name, signal.header.fields
    return "", {}


def _ticket(text: str) -> dict[str, Any]:
    try:
        ticket = unverified(text, Ticket)
    except PolicyDenied:
        return {"unreadable": True, "text": text[:200]}
    return {
        "jti": ticket.jti,
        "by": ticket.sub,
        "groups": list(ticket.grp),
        "act": ticket.act,
        "policy": ticket.pol,
        "rules": list(ticket.rules),
        "via": ticket.auth.via,
        "text": text,
    }


def _header(headers: Mapping[str, Payload], name: str) -> str | None:
    payload = headers.get(name)
    if payload is None:
        return None
    try:
        value = PayloadConverter.default.from_payload(payload)
    except (ValueError, RuntimeError, KeyError):
        return None
    return value if isinstance(value, str) else None
