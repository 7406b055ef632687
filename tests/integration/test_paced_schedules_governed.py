"""Paced schedules where permits are demanded: the schedule's one permit covers what a run does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest_asyncio
from temporalio.client import Client

from guarded_desk import ANN_MAY_ALL, refusal
from paced_runs import pack as runs
from schedule_desk import ScheduleDesk
from tenuto.engine.admission import Admission
from tenuto.engine.registration import load_catalog, load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.trusting import keep_trusting
from tenuto.engine.worker import build_workers
from tenuto.testing import eventually
from tenuto.triggers.schedules.pacing.models import Paced
from tenuto.triggers.schedules.pacing.pack import pack as pacing
from tenuto.triggers.schedules.reading import describe_schedule
from tenuto.triggers.schedules.triggering import trigger_schedule

WATCH = "schedules:\n  '@watch':\n    run: saying\n    input: {says: 5 s}\n"
PACED = f"{WATCH}    next_run: {{from: plan.next, at_least: 5 s, at_most: 1 d}}\n"


@pytest_asyncio.fixture
async def desk(client: Client, tmp_path: Path) -> AsyncIterator[ScheduleDesk]:
    """A project whose workers demand permits."""
    desk = ScheduleDesk(client, tmp_path, rules=ANN_MAY_ALL)
    desk.catalog = load_catalog([runs])
    desk.gate.stamp()  # makes the keys that the workers trust
    trusting = asyncio.create_task(keep_trusting(desk.keys))
    async with AsyncExitStack() as serving:
        for worker in build_workers(
            client,
            load_registration([pacing, runs]),
            WorkerSettings(),
            is_embedded=True,
            admission=Admission(is_demanded=True),
        ):
            await serving.enter_async_context(worker)
        yield desk
        await desk.close()
    trusting.cancel()


async def test_runs_that_a_run_paces_begin_by_the_schedules_permit(desk: ScheduleDesk) -> None:
    """The second run is started by the clock, after the first has moved it."""
    await desk.apply(PACED)
    done = await trigger_schedule(desk.gate, desk.client, desk.id("watch"))
    assert done.run is not None
    first = desk.client.get_workflow_handle(done.run.workflow_id, result_type=Paced)
    assert (await first.result()).next_at is not None

    async def ran_again() -> str:
        ended = (await describe_schedule(desk.client, desk.id("watch"))).recent_runs
        assert len(ended) >= 2
        return ended[0].workflow_id

    second = desk.client.get_workflow_handle(await eventually(ran_again, timeout_s=30))
    assert await refusal(second) is None
    assert await refusal(desk.client.get_workflow_handle(f"{second.id}/run")) is None


async def test_a_paced_run_without_a_permit_does_nothing(desk: ScheduleDesk) -> None:
    await desk.apply(PACED, gate=desk.gate_with(None))
    done = await trigger_schedule(desk.gate, desk.client, desk.id("watch"))
    assert done.run is not None
    assert await refusal(desk.client.get_workflow_handle(done.run.workflow_id)) == "permit.missing"
    found = (await desk.described("watch")).schedule.spec.intervals[0]
    assert not found.offset, "nothing has moved it"
