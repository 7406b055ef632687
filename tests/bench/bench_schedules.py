"""1,000 schedules: how long their list takes, against asking about each. Run it by hand:

    python tests/bench/bench_schedules.py [SCHEDULES]

It starts a server of its own in a temporary folder, and no worker.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleSpec,
)

sys.path.insert(0, str(Path(__file__).parents[1]))

from sample.servers import KillableServer
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.testing import eventually
from tenuto.triggers.schedules.listing import list_schedules
from tenuto.triggers.schedules.mark import found_by, owner_memo
from tenuto.triggers.schedules.reading import describe_schedule

ROUNDS = 5
AT_ONCE = 16
RAN = 10
"""Every so many of them has run once, so that the list has outcomes to ask for."""


async def main(number: int) -> None:
    """Prints what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        server = KillableServer(Path(folder) / "server")
        await server.start()
        try:
            client = await connect(Target(address=server.address, origin="embedded"))
            await prepare_namespace(client)
            await measure(client, number)
        finally:
            await server.stop()


async def measure(client: Client, number: int) -> None:
    """Makes the schedules, lists them, and asks about each."""
    began = time.perf_counter()
    names = await made(client, number)
    print(f"{number} schedules made in {time.perf_counter() - began:.1f} s")

    async def are_listed() -> None:
        rows = await list_schedules(client)
        assert len(rows) == number
        assert sum(row.last_run is not None for row in rows) == number // RAN

    await eventually(are_listed, timeout_s=60)
    listing = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        rows = await list_schedules(client)
        listing.append(time.perf_counter() - began)
        assert len(rows) == number
    one = statistics.median(listing)
    print(f"one listing: p50 {one:.2f} s, max {max(listing):.2f} s")
    began = time.perf_counter()
    await of_each(client, names)
    each = time.perf_counter() - began
    print(f"asking about each, {AT_ONCE} at once: {each:.2f} s, {each / one:.1f} times as long")


async def made(client: Client, number: int) -> list[str]:
    """Schedules as `tenuto schedule apply` makes them, without what signs their starts."""
    room = asyncio.Semaphore(AT_ONCE)
    names = [f"desk/{index:05}" for index in range(number)]

    async def one(index: int, named: str) -> None:
        async with room:
            handle = await client.create_schedule(
                named,
                Schedule(
                    action=ScheduleActionStartWorkflow("Nothing", id=named, task_queue="none"),
                    spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=30))]),
                ),
                memo=owner_memo("bench"),
                search_attributes=found_by("nothing", "0" * 32),
            )
            if index % RAN == 0:
                await handle.trigger()

    await asyncio.gather(*(one(index, named) for index, named in enumerate(names)))
    return names


async def of_each(client: Client, names: list[str]) -> None:
    """What a list would cost that describes every row."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(named: str) -> None:
        async with room:
            await describe_schedule(client, named)

    await asyncio.gather(*map(one, names))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
