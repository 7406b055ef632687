"""What people and the custodian do in the demonstration, through the doors that anyone uses."""

import asyncio
from typing import Any

from pydantic import JsonValue
from temporalio.client import WorkflowHandle

from tenuto.catalog.library.tasks.messages import Decide
from tenuto.core.errors import TenutoError
from tenuto.testing import eventually
from tenuto.triggers.demo import Stage
from tenuto.triggers.tasks.acting import tell_task
from tenuto.triggers.tasks.reading import read_task

REQUESTER = "u:ann"
APPROVER = "u:ben"
Handle = WorkflowHandle[Any, Any]


async def decide(handle: Handle, name: str, stage: Stage) -> bool:
    """Ann, who asked, tries to approve and is refused; then Ben approves. Whether it was so."""
    task_id = await eventually(lambda: _asked(handle, name), timeout_s=60)
    stage.say(f"  people are asked: tenuto tasks approve {task_id}")
    try:
        await _approve(stage, task_id, REQUESTER)
    except TenutoError as refused:
        stage.say(f"  {REQUESTER} may not approve: {refused.message.splitlines()[0]}")
        is_separated = refused.code == "task.own-request"
    else:
        return False
    await _approve(stage, task_id, APPROVER)
    stage.say(f"  {APPROVER} approved")
    return is_separated


async def confirm(handle: Handle, stage: Stage) -> None:
    """The custodian's event, sent twice, as networks do; the run takes it once."""
    event: dict[str, JsonValue] = {
        "specversion": "1.0",
        "id": "confirmation-1",
        "source": "https://custodian.example.com",
        "type": "com.example.custodian.confirmed",
        "subject": handle.id,
        "data": {"confirmation": "C-20731"},
    }
    await asyncio.gather(handle.signal("event", event), handle.signal("event", event))
    stage.say("  the custodian's event came, twice")


async def _asked(handle: Handle, name: str) -> str:
    pending = await handle.query("pending")
    waiting = {each["task"]: each["id"] for each in pending["approvals"]}
    assert name in waiting  # noqa: S101 (waits for it)
    return str(waiting[name])


async def _approve(stage: Stage, task_id: str, who: str) -> None:
    """On what the task shows."""
    seen = (await read_task(stage.client, task_id)).task.request.seen
    decision = Decide(decision="approve", seen=seen)
    await tell_task(stage.client, stage.gate_of(who, ()), task_id, decision)
