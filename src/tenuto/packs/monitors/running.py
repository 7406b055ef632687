"""Checks that people ask for: at once, in the order of the schedule's own, or without any trace."""

import asyncio
import secrets

from temporalio.api.enums.v1 import ScheduleOverlapPolicy
from temporalio.api.schedule.v1 import SchedulePatch, TriggerImmediatelyRequest
from temporalio.api.workflowservice.v1 import PatchScheduleRequest
from temporalio.client import Client

from tenuto.core.errors import TransientError
from tenuto.core.records import Record
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.packs.monitors.keeping import Kept, read
from tenuto.packs.monitors.schedule import schedule_id

_POLLS_S = (*(0.05 * turn for turn in range(1, 10)), *[0.5] * 16)
"""About ten seconds: often at first, and gently when the server is busy."""


class Started(Record):
    """A check that runs now."""

    workflow_id: str
    run_id: str
    was_running: bool
    """It ran already; a monitor has one check at a time."""


def running_check(kept: Kept) -> Started | None:
    """The check that runs now."""
    if not kept.info.running_workflows:
        return None
    found = kept.info.running_workflows[0]
    return Started(workflow_id=found.workflow_id, run_id=found.run_id, was_running=True)


async def trigger(client: Client, kept: Kept) -> Started:
    """A check that starts now, or the one that runs; its result is what the next one knows.

    Raises TransientError `monitors.not-started` where the server does not start it within ten
    seconds.
    """
    running = running_check(kept)
    if running is not None:
        return running
    skip = ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP
    request = PatchScheduleRequest(
        namespace=client.namespace,
        schedule_id=schedule_id(kept.monitor.id),
        patch=SchedulePatch(trigger_immediately=TriggerImmediatelyRequest(overlap_policy=skip)),
        identity=client.identity,
        request_id=secrets.token_hex(8),
    )
    with refusals(f"monitor `{kept.monitor.id}`"):
        await client.workflow_service.patch_schedule(request, retry=True, timeout=PATIENCE)
    return await first_check(
        client,
        kept.monitor.id,
        after=kept.info.action_count,
        skipped=kept.info.overlap_skipped,
    )


async def first_check(
    client: Client, monitor_id: str, *, after: int = 0, skipped: int = 0
) -> Started:
    """The check that started when there had been `after` before, of which the engine had left out
    `skipped` because another one ran. Raises as `trigger`."""
    for pause in _POLLS_S:
        now = await read(client, monitor_id)
        if now.info.action_count > after:
            last = now.info.recent_actions[-1].start_workflow_result
            return Started(workflow_id=last.workflow_id, run_id=last.run_id, was_running=False)
        running = running_check(now)
        if now.info.overlap_skipped > skipped and running is not None:
            return running
        await asyncio.sleep(pause)
    raise TransientError(
        f"The server took the order to check monitor `{monitor_id}`, and has not started a check"
        " within ten seconds. Look at `tenuto monitor history`, then try again.",
        code="monitors.not-started",
        details={"monitor": monitor_id},
    )
