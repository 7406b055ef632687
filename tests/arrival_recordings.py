"""The run of watching files whose history is recorded: a second look that starts, and refuses."""

import asyncio
import os
from datetime import timedelta
from functools import partial
from pathlib import Path

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleHandle,
    ScheduleSpec,
)

from event_intake import PACK
from receiver_desk import targets_in
from tenuto.catalog.library.arrivals.catalog import watch_files
from tenuto.catalog.library.arrivals.models import Watched, WatchRequest
from tenuto.engine.project import use_settings
from tenuto.engine.settings import Settings
from tenuto.testing import eventually
from tenuto.triggers.events.current import use_targets
from tenuto.triggers.start import Handle

BESIDE = PACK


async def watched(client: Client, folder: Path) -> Handle:
    """A look with what the one before remembers: one file starts a run, one is refused."""
    inbox = folder / "inbox"
    inbox.mkdir()
    for name in ("bad.csv", "good.csv"):
        (inbox / name).write_text("x")
    os.environ["TENUTO_FILES_ROOTS"] = str(folder)
    use_settings(Settings(root=folder))
    use_targets(lambda: targets_in(folder))
    request = WatchRequest(
        name="recorded",
        url=f"{inbox}/*.csv",
        stable_for=timedelta(0),
        run="intake",
        input={"number": '${ if .name == "bad.csv" then null else .name end }'},
    )
    action = ScheduleActionStartWorkflow(
        watch_files.type_name, request, id="files/recorded", task_queue=watch_files.queue
    )
    schedule = await client.create_schedule(
        "files/recorded", Schedule(action=action, spec=ScheduleSpec())
    )
    for number in (1, 2):
        await schedule.trigger()
        handle = await eventually(partial(_look, client, schedule, number))
        looked: Watched = await asyncio.wait_for(handle.result(), 20)
    assert (looked.started, looked.refused) == (1, 1)
    return handle


async def _look(client: Client, schedule: ScheduleHandle, number: int) -> Handle:
    actions = (await schedule.describe()).info.recent_actions
    assert len(actions) == number
    last = actions[-1].action
    assert isinstance(last, ScheduleActionExecutionStartWorkflow)
    return client.get_workflow_handle(
        last.workflow_id, run_id=last.first_execution_run_id, result_type=Watched
    )
