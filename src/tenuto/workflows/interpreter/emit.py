"""`emit`: send an event."""

import re
from datetime import UTC

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.core.problem import problem
from tenuto.definitions.plan import EmitTask
from tenuto.workflows.interpreter.cloud_events import CloudEvent, read_event
from tenuto.workflows.interpreter.step import Step

_ATTRIBUTE = re.compile(r"[a-z0-9]{1,64}", re.ASCII)


async def run(task: EmitTask, step: Step) -> JsonValue:
    """The complete CloudEvent, once it is sent. Its `id` and `time` are made where not given.

    Raises Fault `validation` 400 for what is no CloudEvent, and what sending raises.
    """
    event = _event(task, step)
    await step.host.call(task.activity, {"event": event}, task.options, task=task.name, at=task.at)
    return event


def _event(task: EmitTask, step: Step) -> CloudEvent:
    given = {name: step.evaluate(value) for name, value in task.event.items()}
    attributes = {name: v for name, v in given.items() if v is not None or name == "data"}
    event: CloudEvent = {
        "specversion": "1.0",
        "id": step.host.new_id(),
        "time": step.host.now().astimezone(UTC).isoformat().replace("+00:00", "Z"),
        **attributes,
    }
    if "data" in event:
        event.setdefault("datacontenttype", "application/json")
    try:
        _refuse_odd_names(event)
        return read_event(event)
    except UsageError as wrong:
        raise step.fail(problem("validation", f"`{task.name}` emits no event: {wrong}")) from wrong


def _refuse_odd_names(event: CloudEvent) -> None:
    odd = [name for name in event if not (_ATTRIBUTE.fullmatch(name) or name == "data_base64")]
    if odd:
        raise UsageError(
            f"attributes have names of small letters and digits, not {', '.join(map(repr, odd))};"
            " put other things into `data`.",
            code="events.invalid",
        )
