"""What Tenuto costs on top of the SDK: one workflow of five steps, written both ways.

    python tests/bench/bench_platform_overhead.py [--json] [--rounds 10]

Both sides run against one embedded server, each with one worker process, sandbox on, activities
in threads. A round takes one side through runs one after the other (latency) and through a batch
at once (CPU), then the other side; who begins alternates. Ratios are Tenuto / by hand, of the
medians over the rounds. CPU is that of client and worker process together, per run.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parent))

from five_steps import by_hand, contract
from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTES, prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.engine.process import leave
from tenuto.triggers.start import start

TARGET = 1.05
VALUES = list(range(100))
ONE_BY_ONE = 20
AT_ONCE = 60


class Round(Record):
    """One side's share of a round."""

    latency_s: float
    """Median of runs one after the other."""
    cpu_s: float
    """Per run of the batch, client and worker."""
    runs_per_s: float
    """Of the batch."""


class Side:
    """One way of writing it: its worker process and how a run is started."""

    def __init__(self, name: str, worker: Process, run: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self._worker = worker
        self._run = run

    async def warm_up(self) -> None:
        """Runs a few, unmeasured."""
        await asyncio.gather(*(self._run() for _ in range(20)))

    async def measure(self) -> Round:
        """One round."""
        latencies = []
        for _ in range(ONE_BY_ONE):
            began = time.perf_counter()
            await self._run()
            latencies.append(time.perf_counter() - began)
        cpu, began = await self._cpu_s(), time.perf_counter()
        await asyncio.gather(*(self._run() for _ in range(AT_ONCE)))
        took, used = time.perf_counter() - began, await self._cpu_s() - cpu
        return Round(
            latency_s=statistics.median(latencies), cpu_s=used / AT_ONCE, runs_per_s=AT_ONCE / took
        )

    async def stop(self) -> None:
        """Ends the worker."""
        assert self._worker.stdin is not None
        self._worker.stdin.close()
        await self._worker.wait()

    async def _cpu_s(self) -> float:
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        self._worker.stdin.write(b"?\n")
        return time.process_time() + float(await self._worker.stdout.readline())


async def _worker(side: str, address: str) -> Process:
    folder = Path(__file__).parent
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "five_steps.worker_process", side, address),
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def _tenuto(address: str) -> Side:
    client = await connect(Target(address=address, origin="embedded"))
    await prepare_namespace(client)

    async def run() -> object:
        request = contract.FiveStepsRequest(name="bench", values=VALUES)
        handle = await start(client, contract.five_steps, request)
        return await handle.result()

    return Side("tenuto", await _worker("tenuto", address), run)


async def _by_hand(address: str) -> Side:
    client = await Client.connect(address)

    async def run() -> object:
        return await client.execute_workflow(
            by_hand.FiveStepsByHand.run,
            by_hand.FiveStepsRequest(name="bench", values=VALUES),
            id=f"by-hand-{uuid4()}",
            task_queue=by_hand.QUEUE,
        )

    return Side("by hand", await _worker("by-hand", address), run)


async def measure(rounds: int) -> dict[str, list[Round]]:
    """The rounds of each side."""
    attributes = dict.fromkeys((key.name for key in SEARCH_ATTRIBUTES), "Keyword")
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedServer(Path(folder), search_attributes=attributes) as server:
            address = server.info.address
            sides = [await _tenuto(address), await _by_hand(address)]
            for side in sides:
                await side.warm_up()
            measured: dict[str, list[Round]] = {side.name: [] for side in sides}
            for _ in range(rounds):
                for side in sides:
                    measured[side.name].append(await side.measure())
                sides.reverse()
            for side in sides:
                await side.stop()
    return measured


def summary(measured: dict[str, list[Round]]) -> dict[str, dict[str, float]]:
    """Medians of each side and their ratios, by measure."""
    told = {}
    for measure_name in Round.model_fields:
        medians = {
            side: statistics.median(getattr(each, measure_name) for each in rounds)
            for side, rounds in measured.items()
        }
        told[measure_name] = {**medians, "ratio": medians["tenuto"] / medians["by hand"]}
    return told


def main() -> None:
    """Measures and prints; leaves with 1 when latency or CPU misses the target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    told = summary(asyncio.run(measure(given.rounds)))
    if given.json:
        print(json.dumps({"target": TARGET, "cores": os.cpu_count(), **told}, indent=1))
    else:
        for name, values in told.items():
            print(
                f"{name:12} tenuto {values['tenuto']:.4f}  by hand {values['by hand']:.4f}"
                f"  ratio {values['ratio']:.3f}"
            )
    missed = max(told["latency_s"]["ratio"], told["cpu_s"]["ratio"]) > TARGET
    leave(1 if missed else 0)


if __name__ == "__main__":
    main()
