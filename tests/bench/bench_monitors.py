"""A thousand monitors on one machine: creating, listing, and one round of checks.

    pytest tests/bench/bench_monitors.py -s

Each is held against the bare SDK doing the same in the same run: as many schedules of a workflow
that calls one activity, created, listed, and triggered once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from temporalio import activity, workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleSpec,
)
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from monitor_desk import MonitorDesk, monitor_desk
from tenuto.packs.monitors.listing import list_monitors
from tenuto.packs.monitors.schedule import schedule_id
from tenuto.testing import eventually
from tenuto.testing.fixtures import temporal_client, temporal_server

__all__ = ["temporal_client", "temporal_server"]

MONITORS = 1000
AT_ONCE = 20
MOST_LISTING_S = 2.0


@activity.defn
def bare_ask(url: str) -> str:
    """What the bare check does: one GET."""
    return httpx.get(url, timeout=60).text


@workflow.defn(sandboxed=False)
class BareCheck:
    """The least that asks a page on a schedule."""

    @workflow.run
    async def run(self, url: str) -> str:
        """What the page says."""
        return await workflow.execute_activity(
            bare_ask, url, start_to_close_timeout=timedelta(minutes=1)
        )


class Took:
    """Wall and CPU seconds of this process, worker and client in one."""

    def __init__(self, what: str) -> None:
        self.what = what

    async def __aenter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    async def __aexit__(self, *failed: object) -> None:
        self.wall = time.perf_counter() - self._wall
        self.cpu = time.process_time() - self._cpu
        print(f"  {self.what}: {self}", flush=True)

    def __str__(self) -> str:
        return f"{self.wall:.2f} s wall, {self.cpu:.2f} s CPU"


@pytest.mark.timeout(1800)
async def test_a_thousand_monitors(temporal_client: Client, tmp_path: Path) -> None:
    async with monitor_desk(temporal_client, tmp_path) as desk:
        print()
        bare = await _bare(temporal_client, desk)
        ours = await _monitors(temporal_client, desk)
    for what, mine, theirs in zip(("create", "list", "check"), ours, bare, strict=True):
        ratios = f"{mine.wall / theirs.wall:.1f} x wall, {mine.cpu / theirs.cpu:.1f} x CPU"
        print(f"{what} {MONITORS}: {mine}; bare SDK {theirs}; {ratios}")
    assert ours[1].wall < MOST_LISTING_S


async def _monitors(client: Client, desk: MonitorDesk) -> tuple[Took, Took, Took]:
    desk.web.says("/same", "10", met=False)
    drafts = [desk.draft(name=f"m {n}", path="/same", email="") for n in range(MONITORS)]
    monitors = desk.monitors()
    async with Took("creating") as creating:
        created = await _each(drafts, monitors.create)
    ids = [each.monitor.id for each in created]

    async def listed() -> None:
        assert len(await list_monitors(client)) == MONITORS

    await eventually(listed, timeout_s=30)
    async with Took("listing") as listing:
        await listed()
    async with Took("checking") as checking:
        await _each(ids, lambda one: client.get_schedule_handle(schedule_id(one)).trigger())
        await eventually(lambda: _asked(desk, "/same"), timeout_s=300)
        await eventually(lambda: _ended(client, "MonitoringWorkflow"), timeout_s=300)
    return creating, listing, checking


async def _bare(client: Client, desk: MonitorDesk) -> tuple[Took, Took, Took]:
    desk.web.says("/bare", "10", met=False)
    url = f"{desk.web.url}/bare"

    async def create(number: int) -> Any:
        action = ScheduleActionStartWorkflow(
            BareCheck.run, url, id=f"bare-{number}", task_queue="bare"
        )
        spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=1))])
        return await client.create_schedule(f"bare-{number}", Schedule(action=action, spec=spec))

    async def listed() -> None:
        found = [each async for each in await client.list_schedules(page_size=1000)]
        assert len([each for each in found if each.id.startswith("bare-")]) == MONITORS

    async with Took("bare creating") as creating:
        handles = await _each(list(range(MONITORS)), create)
    await eventually(listed, timeout_s=30)
    async with Took("bare listing") as listing:
        await listed()
    work = Worker(
        client,
        task_queue="bare",
        workflows=[BareCheck],
        activities=[bare_ask],
        activity_executor=ThreadPoolExecutor(100),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with work, Took("bare checking") as checking:
        await _each(handles, lambda handle: handle.trigger())
        await eventually(lambda: _asked(desk, "/bare"), timeout_s=300)
        await eventually(lambda: _ended(client, "BareCheck"), timeout_s=300)
    await _each(handles, lambda handle: handle.delete())
    return creating, listing, checking


async def _each(items: list[Any], do: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    some = asyncio.Semaphore(AT_ONCE)

    async def one(item: Any) -> Any:
        async with some:
            return await do(item)

    return list(await asyncio.gather(*(one(item) for item in items)))


def _asked(desk: MonitorDesk, path: str) -> None:
    assert desk.web.asked.count(path) >= MONITORS


async def _ended(client: Client, type_name: str) -> None:
    query = f"WorkflowType = '{type_name}' AND ExecutionStatus = 'Completed'"
    assert (await client.count_workflows(query)).count >= MONITORS
