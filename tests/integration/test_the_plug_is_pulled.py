"""A whole project whose machine dies again and again: nothing is lost, nothing is done twice."""

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from automation_world import Sender, Shop, World, world
from integration.cli_project.project import gone, stop
from tenuto.engine.connection import Target, connect
from tenuto.packs.reports.models import RunReportResult
from tenuto.testing import eventually

COMPLETED = WorkflowExecutionStatus.COMPLETED
CHANCE = random.SystemRandom()
KILLS = 3
BETWEEN = timedelta(seconds=5)
"""Two reports."""


class Day:
    """What goes on while the plug is pulled: orders, webhooks, and files keep coming."""

    def __init__(self, shop: Shop, outside: World, sender: Sender) -> None:
        self.shop, self.outside, self.sender = shop, outside, sender
        self.events = 0
        self.files = 0
        self._is_over = False

    async def goes_on(self) -> None:
        """Something of each kind happens, until the day is over and every event was taken."""
        async with asyncio.TaskGroup() as sending:
            while not self._is_over:
                self.outside.orders += 3
                self.events += 1
                sending.create_task(self.sender.deliver(self.events))
                if self.events % 4 == 0:
                    self.files += 1
                    (self.shop.folder / f"inbox/parcel-{self.files}.json").write_text("{}")
                await asyncio.sleep(0.25)

    def ends(self) -> None:
        """From now on nothing happens."""
        self._is_over = True


@pytest.mark.chaos
async def test_nothing_is_lost_and_nothing_done_twice(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    async with AsyncExitStack() as open_:
        outside = open_.enter_context(world())
        shop = Shop(folder, tmp_path_factory.mktemp("bytecode"))
        open_.callback(shop.close)
        http = await open_.enter_async_context(httpx.AsyncClient(timeout=10, trust_env=False))
        sender = Sender(f"http://127.0.0.1:{shop.receiver_port}/webhooks/returns", http)
        await asyncio.to_thread(begin, shop, outside)
        day = Day(shop, outside, sender)
        going = asyncio.create_task(day.goes_on())
        await works(outside, shop)
        outside.price = "3.50"
        for _ in range(KILLS):
            await asyncio.to_thread(shop, "monitor", "run", "supplier")
            await asyncio.sleep(CHANCE.uniform(0, 6))
            family = await asyncio.to_thread(shop.pull_the_plug)
            await eventually(partial(gone, family))
            await asyncio.sleep(CHANCE.uniform(0, 3))
            await asyncio.to_thread(shop.start)
        day.ends()
        await asyncio.wait_for(going, 60)
        client = await connect(Target(address=shop.address, origin="embedded"))
        await comes_to_rest(shop, client)
        await each_event_is_one_run(client, day)
        await each_report_that_was_due_is_one_mail(client, outside)
        told = [str(each.message["subject"]) for each in outside.mails("buyer@example.com")]
        assert told == ["Monitor started: supplier", "Condition met: supplier"]
        await asyncio.to_thread(look_after, shop)
        assert await asyncio.to_thread(stop, shop.running) == 0
        each_order_is_one_row(folder / "warehouse.duckdb", outside)


def begin(shop: Shop, outside: World) -> None:
    """The commands of the page, in their order."""
    shop.write(outside)
    shop("definition", "deploy", "returned.yaml")
    for section in ("sync", "report", "schedule", "triggers"):
        shop(section, "check")
    shop.start()
    outside.orders = 3
    shop("sync", "run", "orders", "--wait")
    for section in ("schedule", "triggers", "monitor"):
        shop(section, "apply")


def look_after(shop: Shop) -> None:
    """The page's commands for every day say something."""
    for command in (
        ("schedule", "list"),
        ("sync", "status", "orders"),
        ("report", "deliveries", "orders"),
        ("monitor", "history", "supplier"),
        ("runs",),
    ):
        assert shop.json(*command), command
    said = shop.json("triggers", "test", "returns", "--data", '{"order": "7"}')
    assert said["status"] == 201


async def works(outside: World, shop: Shop) -> None:
    """Waits until a report was mailed and the monitor looked."""

    def both() -> None:
        assert outside.mails("desk@example.com")
        assert outside.looked

    await asyncio.to_thread(shop, "monitor", "run", "supplier")
    await eventually(both, timeout_s=60)


async def comes_to_rest(shop: Shop, client: Client) -> None:
    """No more starts, one last load, and nothing open."""

    async def files_were_taken() -> None:
        found = await ids(client, "file/parcels/")
        assert len(found) == len(list((shop.folder / "inbox").iterdir()))

    await eventually(files_were_taken, timeout_s=60)
    for schedule in ("load-orders", "mail-orders", "files/parcels"):
        await asyncio.to_thread(shop, "schedule", "pause", schedule, "--reason", "evening")

    async def nothing_is_open() -> None:
        is_open = "ExecutionStatus = 'Running' AND TaskQueue != 'temporal-sys-per-ns-tq'"
        types = "WorkflowType IN ('SyncSourceWorkflow', 'RunReportWorkflow', 'MonitoringWorkflow')"
        assert (await client.count_workflows(f"{is_open} AND {types}")).count == 0

    await eventually(nothing_is_open, timeout_s=120)
    await asyncio.to_thread(shop, "sync", "run", "orders", "--wait")


async def each_event_is_one_run(client: Client, day: Day) -> None:
    """Counted at the server, not among what it answered."""
    assert day.sender.broken > 0
    assert set(day.sender.taken) == set(range(1, day.events + 1))
    hooks = await orders_of(client, "webhook/returns/")
    assert Counter(hooks) == Counter(f"order-{number}" for number in range(1, day.events + 1))
    files = await orders_of(client, "file/parcels/")
    assert Counter(files) == Counter(f"parcel-{number}.json" for number in range(1, day.files + 1))


async def each_report_that_was_due_is_one_mail(client: Client, outside: World) -> None:
    """Every five seconds from the first to the last there was one run, which mailed once."""
    runs = [each async for each in client.list_workflows("WorkflowType = 'RunReportWorkflow'")]
    due = sorted(
        datetime.strptime(each.id.removeprefix("mail-orders-"), "%Y-%m-%dT%H:%M:%SZ").replace(
            tzinfo=UTC
        )
        for each in runs
    )
    assert due == [due[0] + number * BETWEEN for number in range(len(due))]
    assert [each.id for each in runs if each.status is not COMPLETED] == []
    mailed = Counter(str(each.message["Message-ID"]) for each in outside.mails("desk@example.com"))
    receipts: list[str] = []
    for each in runs:
        handle = client.get_workflow_handle(each.id, result_type=RunReportResult)
        (channel,) = (await handle.result()).channels
        receipts += [receipt.message_id for receipt in channel.receipts]
    assert mailed == Counter(receipts)
    assert set(mailed.values()) == {1}


def each_order_is_one_row(file: Path, outside: World) -> None:
    """In the warehouse, with what the shop said."""
    with duckdb.connect(str(file), read_only=True) as warehouse:
        rows = warehouse.execute("SELECT id, amount FROM shop.orders ORDER BY id").fetchall()
    assert rows == [(number, number) for number in range(1, outside.orders + 1)]


async def ids(client: Client, prefix: str) -> list[str]:
    """Of every run whose id begins so, with each of its executions."""
    query = f"WorkflowId STARTS_WITH '{prefix}'"
    return [each.id async for each in client.list_workflows(query)]


async def orders_of(client: Client, prefix: str) -> list[str]:
    """What each of these runs noted."""
    found: list[str] = []
    for each in await ids(client, prefix):
        noted: dict[str, Any] = await client.get_workflow_handle(each).result()
        found.append(noted["order"])
    return found
