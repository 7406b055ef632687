"""The run of a paced schedule whose history is recorded."""

from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from paced_runs import pack as runs
from schedule_desk import ScheduleDesk
from tenuto.engine.registration import load_catalog
from tenuto.triggers.schedules.triggering import trigger_schedule

BESIDE = (runs,)
"""What the paced run does."""
_WATCH = (
    "schedules:\n  '@watch':\n    run: saying\n    input: {says: soon}\n"
    "    next_run: {from: plan.next, at_most: 1 d}\n"
)


async def paced(client: Client, folder: Path) -> WorkflowHandle[Any, Any]:
    """A run whose result names no moment: the schedule is moved, and the run says so."""
    desk = ScheduleDesk(client, folder)
    desk.catalog = load_catalog([runs])
    await desk.apply(_WATCH)
    done = await trigger_schedule(desk.gate, client, desk.id("watch"))
    assert done.run is not None
    return client.get_workflow_handle(done.run.workflow_id)
