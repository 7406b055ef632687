"""`tenuto demo sync`: a scheduled sync whose workers are killed, and what is in the end there."""

import asyncio
import secrets
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    WorkflowHandle,
)

from tenuto.core.errors import TransientError
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.packs.sync.catalog import sync_source
from tenuto.packs.sync.demo.counting import counted
from tenuto.packs.sync.demo.crew import Crew, crew
from tenuto.packs.sync.demo.page import draw_demo
from tenuto.packs.sync.demo.shop import Shop, sync_file
from tenuto.packs.sync.models import SyncSourceRequest
from tenuto.testing import eventually
from tenuto.testing.loopback import LoopbackServer
from tenuto.triggers.demo import Played, Stage

if TYPE_CHECKING:
    from rich.console import Console

_EVERY = timedelta(seconds=1)
_KILL_AFTER = (4, 11)
"""Pages of the first sync after which its worker is killed."""
_PATIENCE_S = 120
"""For one sync, whatever else this machine does."""
_SETTINGS = "[sync]\nmissed_after_s = 2\n"
"""Nobody watches for as long as a killed worker is missed by default."""

_Run = WorkflowHandle[Any, Any]


async def play(stage: Stage) -> Played:
    """A sync every second, its workers killed three times; then every row is counted.

    As promised when each order that the API has is there once, as the API has it now.
    """
    shop = Shop()
    project = await asyncio.to_thread(_project, stage.folder)
    address = stage.client.service_client.config.target_host
    namespace = f"demo-sync-{secrets.token_hex(4)}"
    with LoopbackServer(shop.respond) as server:
        await asyncio.to_thread((project / "sync.yaml").write_text, sync_file(server.url))
        async with crew(address, namespace, project, f"127.0.0.1:{server.port}") as workers:
            client = await _own_namespace(address, namespace)
            await workers.begin()
            corrected = await _syncs(stage, client, shop, workers)
            killed = workers.killed
    file = project / ".tenuto" / "sync" / "orders.duckdb"
    record = await asyncio.to_thread(counted, file, shop)
    record |= {
        "kills": killed,
        "corrected": corrected,
        "pages": shop.pages,
        "busy": shop.busy,
        "file": str(file),
        "namespace": namespace,
    }

    def draw(console: "Console") -> None:
        draw_demo(console, record)

    return Played(record=record, draw=draw, is_as_promised=_is_as_promised(record))


async def _syncs(stage: Stage, client: Client, shop: Shop, workers: Crew) -> int:
    """The syncs, from the first kill to the last; how many orders were corrected in between."""
    stage.say(f"{len(shop.orders()):,} orders are in an API that pages and is busy now and then.")
    shop.hold(_KILL_AFTER[0])
    schedule = await client.create_schedule("orders", _schedule(), trigger_immediately=True)
    for more in (*_KILL_AFTER[1:], None):
        workers.call_relief()
        first = await _kill_in_the_middle(stage, client, workers, shop, schedule)
        if more is not None:
            shop.hold(more)
        shop.go_on()
    workers.call_relief()
    await asyncio.wait_for(first.result(), _PATIENCE_S)
    corrected = shop.correct()
    shop.hold(1)
    stage.say(f"It is done. {corrected} orders of the last day are corrected or come late.")
    # Whoever is killed now asks for all of its pages again: none of them is older than this.
    second = await _kill_in_the_middle(stage, client, workers, shop, schedule)
    await schedule.delete()
    shop.go_on()
    await asyncio.wait_for(second.result(), _PATIENCE_S)
    return corrected


async def _kill_in_the_middle(
    stage: Stage, client: Client, workers: Crew, shop: Shop, schedule: ScheduleHandle
) -> _Run:
    """Kills the worker that loads, while it waits for the page that is held; returns its run."""
    if not await asyncio.to_thread(shop.wait_held):
        raise TransientError("nobody asks the demonstration's API", code="sync.demo-worker")
    run, identity = await _who_loads(client, schedule)
    await workers.kill(identity)
    stage.say(f"  kill -9 while page {shop.pages} is on its way. Another worker takes over.")
    return run


async def _who_loads(client: Client, schedule: ScheduleHandle) -> tuple[_Run, str]:
    async def look() -> tuple[_Run, str]:
        started = (await schedule.describe()).info.running_actions
        assert started  # noqa: S101 (waits for it)
        action = started[0]
        assert isinstance(action, ScheduleActionExecutionStartWorkflow)  # noqa: S101
        run: _Run = client.get_workflow_handle(
            action.workflow_id, run_id=action.first_execution_run_id
        )
        pending = (await run.describe()).raw_description.pending_activities
        assert pending  # noqa: S101
        assert pending[0].last_worker_identity  # noqa: S101
        return run, str(pending[0].last_worker_identity)

    return await eventually(look)


def _schedule() -> Schedule:
    request = SyncSourceRequest(source_name="orders", notify_on_failure=False)
    return Schedule(
        action=ScheduleActionStartWorkflow(
            sync_source.type_name,
            request,
            id="sync-orders",
            task_queue=sync_source.queue,
            typed_search_attributes=sync_source.filled_search_attributes(request),
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=_EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )


def _project(folder: Path) -> Path:
    project = folder / "sync"
    project.mkdir(exist_ok=True)
    (project / "tenuto.toml").write_text(_SETTINGS)
    return project


async def _own_namespace(address: str, name: str) -> Client:
    client = await connect(Target(address=address, namespace=name, origin="embedded"))
    await prepare_namespace(client)
    return client


def _is_as_promised(record: dict[str, Any]) -> bool:
    return bool(
        record["loaded"] == record["expected"]
        and record["lost"] == record["repeated"] == record["stale"] == 0
        and record["kills"] >= len(_KILL_AFTER) + 1
    )
