"""A thousand monitors on one machine: creating, listing, and one round of checks.

    python tests/bench/bench_monitors.py [--json] [--monitors N]

On one embedded server of its own. Each is held against the bare SDK doing the same in the same run:
as many schedules of a workflow that calls one activity, created, listed, and triggered once.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import httpx
from temporalio import activity, workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleSpec,
)
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

sys.path.insert(0, str(Path(__file__).parents[1]))

from monitor_desk import MonitorDesk, monitor_desk
from sample.servers import KillableServer
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.packs.monitors.listing import list_monitors
from tenuto.packs.monitors.schedule import schedule_id
from tenuto.testing import eventually

AT_ONCE = 20


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

    async def __aenter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    async def __aexit__(self, *failed: object) -> None:
        self.wall = time.perf_counter() - self._wall
        self.cpu = time.process_time() - self._cpu


def main() -> None:
    """Prints one line per figure, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--monitors", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), options.monitors))
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:22} {value:.3g}")


async def measure(folder: Path, count: int) -> dict[str, float]:
    """Wall and CPU seconds of ours, and ratios to the bare SDK's."""
    server = KillableServer(folder / "server")
    await server.start()
    try:
        client = await connect(Target(address=server.address, origin="embedded"))
        await prepare_namespace(client)
        async with monitor_desk(client, folder) as desk:
            bare = await _bare(client, desk, count)
            ours = await _monitors(client, desk, count)
    finally:
        await server.stop()
    figures: dict[str, float] = {}
    for what, mine, theirs in zip(("create", "list", "check"), ours, bare, strict=True):
        figures |= {f"{what}_s": mine.wall, f"{what}_bare_s": theirs.wall}
        figures |= {f"{what}_ratio": mine.wall / theirs.wall}
        figures |= {f"{what}_cpu_ratio": mine.cpu / theirs.cpu}
    return figures


async def _monitors(client: Client, desk: MonitorDesk, count: int) -> tuple[Took, Took, Took]:
    desk.web.says("/same", "10", met=False)
    drafts = [desk.draft(name=f"m {n}", path="/same", email="") for n in range(count)]
    monitors = desk.monitors()
    async with Took() as creating:
        created = await _each(drafts, monitors.create)
    ids = [each.monitor.id for each in created]

    async def listed() -> None:
        assert len(await list_monitors(client)) == count

    await eventually(listed, timeout_s=30)
    async with Took() as listing:
        await listed()
    async with Took() as checking:
        await _each(ids, lambda one: client.get_schedule_handle(schedule_id(one)).trigger())
        await eventually(lambda: _asked(desk, "/same", count), timeout_s=300)
        await eventually(lambda: _ended(client, "MonitoringWorkflow", count), timeout_s=300)
    return creating, listing, checking


async def _bare(client: Client, desk: MonitorDesk, count: int) -> tuple[Took, Took, Took]:
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
        assert len([each for each in found if each.id.startswith("bare-")]) == count

    async with Took() as creating:
        handles = await _each(list(range(count)), create)
    await eventually(listed, timeout_s=30)
    async with Took() as listing:
        await listed()
    work = Worker(
        client,
        task_queue="bare",
        workflows=[BareCheck],
        activities=[bare_ask],
        activity_executor=ThreadPoolExecutor(100),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with work, Took() as checking:
        await _each(handles, lambda handle: handle.trigger())
        await eventually(lambda: _asked(desk, "/bare", count), timeout_s=300)
        await eventually(lambda: _ended(client, "BareCheck", count), timeout_s=300)
    await _each(handles, lambda handle: handle.delete())
    return creating, listing, checking


async def _each(items: list[Any], do: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    some = asyncio.Semaphore(AT_ONCE)

    async def one(item: Any) -> Any:
        async with some:
            return await do(item)

    return list(await asyncio.gather(*(one(item) for item in items)))


def _asked(desk: MonitorDesk, path: str, count: int) -> None:
    assert desk.web.asked.count(path) >= count


async def _ended(client: Client, type_name: str, count: int) -> None:
    query = f"WorkflowType = '{type_name}' AND ExecutionStatus = 'Completed'"
    assert (await client.count_workflows(query)).count >= count


if __name__ == "__main__":
    main()
