"""`listen`: wait for events."""

from pydantic import JsonValue

from tenuto.definitions.plan import ListenTask
from tenuto.workflows.interpreter.cloud_events import CloudEvent, text_of
from tenuto.workflows.interpreter.event_choice import EventChoice
from tenuto.workflows.interpreter.inbox import Listener
from tenuto.workflows.interpreter.step import Step


async def run(task: ListenTask, step: Step) -> JsonValue:
    """An array of what was taken, in order of arrival: one event, or one for each of `all`.

    Events that came before the task began count. They leave the inbox together, once all are
    there: a task that is cancelled or takes too long leaves every one of them for another.
    """
    with step.inbox.listening(EventChoice(task, step)) as listener:
        while not await _is_served(listener, step):
            await listener.read(step.pace)
        events = listener.take()
    return [_read(event, task.read) for event in events]


async def _is_served(listener: Listener, step: Step) -> bool:
    """Waits until the listener may take its events: True; or has others to read before: False.

    What is waited for is asked whenever anything happens to the run, all at once: to evaluate
    expressions there could take longer than the engine allows.
    """
    await step.host.until(
        lambda: listener.is_behind() or listener.is_served(), summary=step.task.name
    )
    return not listener.is_behind()


def _read(event: CloudEvent, how: str) -> JsonValue:
    """`data`: the data, or the Base64 text of binary ones; `raw`: the same as text."""
    if how == "envelope":
        return event
    data = event["data_base64"] if "data_base64" in event else event.get("data")
    return text_of(data) if how == "raw" else data
