"""What people and the custodian do in the demonstration, through the doors that anyone uses."""

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic import JsonValue
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from tenuto.testing import eventually

REQUESTER = "u:ann"
APPROVER = "u:ben"
Handle = WorkflowHandle[Any, Any]


async def decide(handle: Handle, task: str, say: Callable[[str], None]) -> bool:
    """Ann, who asked, tries to approve and is refused; then Ben approves. Whether it was so."""
    await eventually(lambda: _is_asked(handle, task), timeout_s=60)
    try:
        await _decide(handle, task, REQUESTER)
    except WorkflowUpdateFailedError as refused:
        say(f"  {REQUESTER} may not approve: {_first_line(refused)}")
    else:
        return False
    await _decide(handle, task, APPROVER)
    say(f"  {APPROVER} approved")
    return True


async def confirm(handle: Handle, say: Callable[[str], None]) -> None:
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
    say("  the custodian's event came, twice")


async def _is_asked(handle: Handle, task: str) -> None:
    pending = await handle.query("pending")
    assert task in {each["task"] for each in pending["approvals"]}  # noqa: S101 (waits for it)


async def _decide(handle: Handle, task: str, by: str) -> None:
    await handle.execute_update("decide", {"task": task, "decision": "approve", "by": by})


def _first_line(refused: WorkflowUpdateFailedError) -> str:
    return str(refused.cause).splitlines()[0]
