"""500 open tasks: how long an inbox takes, how fast many are approved. Run it by hand:

    python tests/bench/bench_inbox.py [TASKS]

It starts a server of its own in a temporary folder, and one worker in this process.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from temporalio.client import Client

sys.path.insert(0, str(Path(__file__).parents[1]))

from inbox_desk import Person, keys_in
from sample.servers import KillableServer
from task_desk import APPROVE, asked, open_task, task_worker
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.runs.task_query import TaskFilter
from tenuto.testing import eventually
from tenuto.triggers.tasks.bulk import to_each
from tenuto.triggers.tasks.found import count_tasks, find_tasks

MINE = 80
"""Tasks of them that are open to the person who looks."""
ROUNDS = 10


async def main(number: int) -> None:
    """Prints what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        server = KillableServer(Path(folder) / "server")
        await server.start()
        try:
            client = await connect(Target(address=server.address, origin="embedded"))
            await prepare_namespace(client)
            async with task_worker(client):
                await measure(client, Path(folder) / "keys", number)
        finally:
            await server.stop()


async def measure(client: Client, folder: Path, number: int) -> None:
    """Opens the tasks, looks, and approves."""
    ann = Person(client, keys_in(folder), "u:ann", "g:a", "g:b", "g:c")
    began = time.perf_counter()
    await opened(client, number)
    print(f"{number} tasks opened in {time.perf_counter() - began:.1f} s")

    async def are_found() -> None:
        assert await count_tasks(client, TaskFilter()) == number

    await eventually(are_found)

    words = tuple(sorted(ann.gate.principal.words))
    await told("inbox, 50 rows with title and amount", lambda: ann.inbox(limit=50))
    await told("found only, mine", lambda: find_tasks(client, TaskFilter(words=words)))
    await told("found only, all", lambda: find_tasks(client, TaskFilter()))
    await told("count, mine", lambda: count_tasks(client, TaskFilter(words=words)))
    for groups in (500, 1_000):
        many = TaskFilter(words=("u:ann", *(f"g:team-{n}" for n in range(groups))))
        await told(f"found only, {groups} groups", partial(find_tasks, client, many))

    names = await ann.ids(limit=MINE)
    began = time.perf_counter()
    results = await to_each(names, _as_it_is, partial(ann.tells, message=APPROVE))
    seconds = time.perf_counter() - began
    failed = [each.error.code for each in results if each.error]
    print(f"approved {len(results)} in {seconds:.1f} s: {len(results) / seconds:.1f}/s, {failed=}")


async def opened(client: Client, number: int) -> None:
    """Every sixth task is open to ann or one of her groups."""
    room = asyncio.Semaphore(20)

    async def one(index: int) -> None:
        who = ("u:ann", "g:a", "g:b", "g:c")[index % 4] if index % 6 == 0 else "g:others"
        async with room:
            await open_task(client, asked(candidates=(who,), priority=index % 10))

    await asyncio.gather(*map(one, range(number)))


async def told(what: str, look: Callable[[], Awaitable[object]]) -> None:
    """Prints the median and the slowest of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await look()
        taken.append(1000 * (time.perf_counter() - began))
    print(f"{what}: p50 {statistics.median(taken):.0f} ms, max {max(taken):.0f} ms")


async def _as_it_is(task_id: str) -> str:
    return task_id


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
