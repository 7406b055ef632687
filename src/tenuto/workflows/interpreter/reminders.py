"""Reminders of an approval that nobody has decided on: events, as it gets late."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pydantic import JsonValue

from tenuto.catalog.library.definitions.catalog import publish
from tenuto.core.problem import Fault
from tenuto.definitions.plan import ApprovalTask, CallOptions, ServerRetry
from tenuto.workflows.interpreter.cloud_events import CloudEvent
from tenuto.workflows.interpreter.step import Step

REMINDER = "tenuto.approval.reminder"
"""Type of the event."""

_OPTIONS = CallOptions(
    queue=publish.queue,
    start_to_close_s=publish.start_to_close.total_seconds(),
    heartbeat_s=publish.heartbeat.total_seconds() if publish.heartbeat else None,
    retry=ServerRetry(
        initial_s=publish.retry.initial_interval.total_seconds(),
        backoff=publish.retry.backoff_coefficient,
        maximum_s=None,
        attempts=publish.retry.maximum_attempts,
    ),
)


class Waiting(Protocol):
    """Something that waits for people."""

    @property
    def since(self) -> datetime:
        """When they were asked."""
        ...

    def reminded(self, at: datetime, failure: str | None) -> None:
        """Notes that people were reminded, or why they could not be."""
        ...

    def view(self) -> dict[str, JsonValue]:
        """What the event tells of it."""
        ...


async def remind(
    task: ApprovalTask, waiting: Waiting, moments: Sequence[timedelta], step: Step
) -> None:
    """Sends an event at each of the moments, counted from when the approval was asked for.

    One that cannot be sent does not end the run: the query `pending` shows why it was not.
    """
    for moment in sorted(moments):
        left = waiting.since + moment - step.host.now()
        await step.host.sleep(left, summary=f"reminder of {task.name}")
        try:
            await step.host.call(
                publish.name,
                {"event": _event(waiting, step)},
                _OPTIONS,
                task=f"reminder of {task.name}",
                at=task.at,
            )
        except Fault as fault:
            waiting.reminded(step.host.now(), fault.message)
        else:
            waiting.reminded(step.host.now(), None)


def _event(waiting: Waiting, step: Step) -> CloudEvent:
    shown: dict[str, JsonValue] = {"workflow_id": step.host.facts.workflow_id, **waiting.view()}
    return {
        "specversion": "1.0",
        "id": step.host.new_id(),
        "source": f"/runs/{step.host.facts.workflow_id}",
        "type": REMINDER,
        "time": step.host.now().astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": shown,
    }
