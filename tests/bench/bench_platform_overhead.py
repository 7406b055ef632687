"""What Tenuto costs on top of the SDK: one workflow of five steps, written both ways.

    python tests/bench/bench_platform_overhead.py [--json] [--rounds 10]

Both sides run against one embedded server, each with one worker process, sandbox on, activities
in threads. A round takes both sides in turn through single runs (latency) and then through a batch
each (CPU, throughput); who begins alternates. Ratios are Tenuto / by hand, of medians. CPU is that
of client and worker process together, per run.
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

sys.path.insert(0, str(Path(__file__).parents[1]))

from temporalio.client import Client

from bench.five_steps import by_hand, contract
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES, prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.engine.process import leave
from tenuto.triggers.start import start

TARGET = 1.05
VALUES = list(range(100))
ONE_BY_ONE = 20
AT_ONCE = 60


class Side:
    """One way of writing it: its worker process and how a run is started."""

    def __init__(self, name: str, worker: Process, run: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self._worker = worker
        self._run = run

    async def warm_up(self) -> None:
        """Runs a few, unmeasured."""
        await asyncio.gather(*(self._run() for _ in range(20)))

    async def latency_s(self) -> float:
        """How long one run takes."""
        began = time.perf_counter()
        await self._run()
        return time.perf_counter() - began

    async def batch(self) -> tuple[float, float]:
        """CPU seconds per run, client and worker, and runs per second, of many at once."""
        cpu, began = await self._cpu_s(), time.perf_counter()
        await asyncio.gather(*(self._run() for _ in range(AT_ONCE)))
        took, used = time.perf_counter() - began, await self._cpu_s() - cpu
        return used / AT_ONCE, AT_ONCE / took

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
    tests = Path(__file__).parents[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.five_steps.worker_process", side, address),
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": str(tests)},
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


async def measure(rounds: int) -> dict[str, dict[str, list[float]]]:
    """What was measured, by measure and side."""
    told: dict[str, dict[str, list[float]]] = {
        measure: {"tenuto": [], "by hand": []} for measure in ("latency_s", "cpu_s", "runs_per_s")
    }
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedServer(Path(folder), search_attributes=SEARCH_ATTRIBUTE_TYPES) as server:
            address = server.info.address
            sides = [await _tenuto(address), await _by_hand(address)]
            for side in sides:
                await side.warm_up()
            for _ in range(rounds):
                # Run by run in turn, so that whatever else the machine does meets both alike.
                for _ in range(ONE_BY_ONE):
                    for side in sides:
                        told["latency_s"][side.name].append(await side.latency_s())
                for side in sides:
                    cpu_s, runs_per_s = await side.batch()
                    told["cpu_s"][side.name].append(cpu_s)
                    told["runs_per_s"][side.name].append(runs_per_s)
                sides.reverse()
            for side in sides:
                await side.stop()
    return told


def summary(told: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    """Medians of each side and their ratio, by measure."""
    medians = {
        measure: {side: statistics.median(values) for side, values in sides.items()}
        for measure, sides in told.items()
    }
    return {
        measure: {**sides, "ratio": sides["tenuto"] / sides["by hand"]}
        for measure, sides in medians.items()
    }


def main() -> None:
    """Measures and prints; leaves with 1 when latency or CPU misses the target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    told = summary(asyncio.run(measure(given.rounds)))
    if given.json:
        machine = {"cores": os.cpu_count(), "load": [round(each, 1) for each in os.getloadavg()]}
        print(json.dumps({"target": TARGET, **machine, **told}, indent=1))
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
