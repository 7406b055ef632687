"""What a task for people costs: latency, throughput, history; against a bare update handler.

    python tests/bench/bench_human_task.py [--json] [--rounds 40] [--at-once 50]

One embedded server and one process with the workers, sandbox on. A round starts one task, claims
and decides it, and starts and updates one of the sample pack's approvals, whose handler judges
nobody. Claim and bare update are each the first of their run, and wait for its first step. Figures
are milliseconds, medians and 95th percentiles over the rounds. Throughput is votes per second over
tasks that are open already, with so many at once. The history is that of one task that was claimed
and decided by tickets, as events and as protobuf bytes.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from temporalio.client import Client

from sample import catalog as sample
from sample.models import ApprovalRequest
from sample.models import Decision as SampleDecision
from sample.pack import pack as sample_pack
from task_desk import APPROVE, asked, open_task, say, task_worker
from tenuto.catalog.library.tasks.messages import Claim
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES, prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.engine.process import leave
from tenuto.triggers.start import start

Times = dict[str, list[float]]


async def _timed(times: Times, name: str, doing: Awaitable[object]) -> object:
    began = time.perf_counter()
    done = await doing
    times[name].append((time.perf_counter() - began) * 1000)
    return done


async def _round(client: Client, times: Times) -> str:
    task = str(await _timed(times, "start", open_task(client, asked())))
    await _timed(times, "claim", say(client, task, Claim()))
    await _timed(times, "decide", say(client, task, APPROVE))
    bare = await start(client, sample.approval, ApprovalRequest(subject="bench"))
    decision = SampleDecision(is_approved=True, by="ann")
    await _timed(times, "bare update", bare.execute_update("decide", decision))
    return task


async def _throughput(client: Client, at_once: int) -> float:
    tasks = await asyncio.gather(*(open_task(client, asked()) for _ in range(at_once)))
    await asyncio.gather(*(say(client, task, Claim()) for task in tasks))
    began = time.perf_counter()
    await asyncio.gather(*(say(client, task, APPROVE) for task in tasks))
    return at_once / (time.perf_counter() - began)


async def measure(rounds: int, at_once: int) -> dict[str, object]:
    """All figures."""
    times: Times = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder) / "server", search_attributes=SEARCH_ATTRIBUTE_TYPES)
        async with server:
            client = await connect(Target(address=server.info.address, origin="embedded"))
            await prepare_namespace(client)
            async with task_worker(client, [sample_pack]):
                await _round(client, defaultdict(list))
                for _ in range(rounds):
                    task = await _round(client, times)
                history = await client.get_workflow_handle(task).fetch_history()
                votes = await _throughput(client, at_once)
    figures: dict[str, object] = {
        name: {
            "p50_ms": round(statistics.median(each), 1),
            "p95_ms": round(statistics.quantiles(each, n=20)[18], 1),
        }
        for name, each in times.items()
    }
    ratio = statistics.median(times["claim"]) / statistics.median(times["bare update"])
    return figures | {
        "claim / bare update": round(ratio, 2),
        "votes per second": round(votes, 1),
        "history events": len(history.events),
        "history bytes": sum(event.ByteSize() for event in history.events),
    }


def main() -> None:
    """Prints one line per figure, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--at-once", type=int, default=50)
    given = parser.parse_args()
    figures = asyncio.run(measure(given.rounds, given.at_once))
    if given.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:24} {figure}")
    leave(0)


if __name__ == "__main__":
    main()
