"""What tuning the embedded server gains: Tenuto's recipe against stock `temporal server start-dev`.

    python tests/bench/bench_embedded_server.py [--json] [--rounds 3]

Both servers are the same binary on a database file. They take turns, each round on a new file;
client and worker are the same on both sides and not counted: one activity per run, no sandbox,
no eager start. CPU and bytes are the server's own (`/proc/<pid>`), over the concurrent part,
per run. Ratios are tuned / stock, of the medians over the rounds.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tenuto.core.records import Record
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.binary import find_binary
from tenuto.engine.embedded.child import ServerProcess
from tenuto.engine.embedded.frontend import wait_for_frontend
from tenuto.engine.embedded.lock import ServerLock
from tenuto.engine.embedded.ports import HOST, free_port
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.engine.process import leave

QUEUE = "bench"
ONE_BY_ONE = 20
AT_ONCE = 50
BATCHES = 2
PATIENCE = timedelta(seconds=30)


@activity.defn
async def add_one(number: int) -> int:
    """One more."""
    return number + 1


@workflow.defn
class OneStep:
    """The smallest run that does something."""

    @workflow.run
    async def run(self, number: int) -> int:
        return await workflow.execute_activity(
            add_one, number, start_to_close_timeout=timedelta(seconds=30)
        )


class Round(Record):
    """One server's share of a round."""

    boot_s: float
    """From nothing to a frontend that answers, the new database included."""
    latency_s: float
    """Median of runs one after the other."""
    runs_per_s: float
    """With 50 at a time."""
    server_cpu_s: float
    """Per run, user and system."""
    written_kb: float
    """Per run, to storage."""


class Running(Record):
    """A server to measure."""

    address: str
    pid: int


Side = Callable[[Path], AbstractAsyncContextManager[Running]]


@asynccontextmanager
async def tuned(folder: Path) -> AsyncIterator[Running]:
    """The server as `tenuto up` starts it."""
    server = EmbeddedServer(folder)
    info = await server.start()
    yield Running(address=info.address, pid=info.pid)
    await server.stop(timedelta(0))


@asynccontextmanager
async def stock(folder: Path) -> AsyncIterator[Running]:
    """The server as Temporal's command line starts it, except that it does not call home."""
    lock, port = ServerLock(folder), free_port()
    server = await ServerProcess.spawn(
        [
            *(str(find_binary().path), "server", "start-dev", "--headless", "--port", str(port)),
            *("--db-filename", "temporal.db", "--log-level", "error"),
            *("--dynamic-config-value", "frontend.enableServerVersionCheck=false"),
        ],
        folder=folder,
        log=folder / "server.log",
        lock_descriptor=lock.descriptor,
    )
    address = f"{HOST}:{port}"
    if await wait_for_frontend(address, lambda: server.has_ended, PATIENCE) is None:
        raise server.death("while starting")
    yield Running(address=address, pid=server.pid)
    await server.stop(timedelta(0))
    lock.release()


SIDES: dict[str, Side] = {"stock": stock, "tuned": tuned}


async def measure(rounds: int) -> dict[str, list[Round]]:
    """The rounds of each side; who begins alternates."""
    measured: dict[str, list[Round]] = {name: [] for name in SIDES}
    for number in range(rounds):
        for name in sorted(SIDES, reverse=bool(number % 2)):
            with tempfile.TemporaryDirectory() as folder:
                measured[name].append(await _round(SIDES[name], Path(folder)))
    return measured


async def _round(side: Side, folder: Path) -> Round:
    began = time.perf_counter()
    async with side(folder) as server:
        boot_s = time.perf_counter() - began
        client = await connect(Target(address=server.address, origin="embedded"))
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[OneStep],
            activities=[add_one],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            await _batch(client, "warm-up", 20)
            latencies = [await _timed(client, number) for number in range(ONE_BY_ONE)]
            before, began = _usage(server.pid), time.perf_counter()
            for number in range(BATCHES):
                await _batch(client, f"batch-{number}", AT_ONCE)
            took, after = time.perf_counter() - began, _usage(server.pid)
    runs = BATCHES * AT_ONCE
    return Round(
        boot_s=boot_s,
        latency_s=statistics.median(latencies),
        runs_per_s=runs / took,
        server_cpu_s=(after[0] - before[0]) / runs,
        written_kb=(after[1] - before[1]) / runs / 1024,
    )


async def _timed(client: Client, number: int) -> float:
    began = time.perf_counter()
    await _run(client, f"single-{number}")
    return time.perf_counter() - began


async def _batch(client: Client, name: str, size: int) -> None:
    await asyncio.gather(*(_run(client, f"{name}-{number}") for number in range(size)))


async def _run(client: Client, name: str) -> None:
    assert await client.execute_workflow(OneStep.run, 1, id=name, task_queue=QUEUE) == 2


def _usage(pid: int) -> tuple[float, int]:
    """CPU seconds and bytes written so far (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    counters = Path(f"/proc/{pid}/io").read_text("utf-8").splitlines()
    written = dict(line.split(": ") for line in counters)["write_bytes"]
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(written)


def summary(measured: dict[str, list[Round]]) -> list[dict[str, object]]:
    """One line per figure: medians, ratio, and every round."""
    lines: list[dict[str, object]] = []
    for figure in Round.model_fields:
        values = {side: [getattr(each, figure) for each in measured[side]] for side in SIDES}
        stock_median, tuned_median = (statistics.median(values[side]) for side in SIDES)
        lines.append(
            {
                "figure": figure,
                "stock": stock_median,
                "tuned": tuned_median,
                "ratio": tuned_median / stock_median,
                "rounds": values,
            }
        )
    return lines


def as_table(lines: list[dict[str, object]]) -> str:
    """The medians as Markdown."""
    rows = ["| | stock | tuned | ratio |", "|---|---|---|---|"]
    for line in lines:
        stock_median, tuned_median, ratio = line["stock"], line["tuned"], line["ratio"]
        rows.append(f"| {line['figure']} | {stock_median:.4g} | {tuned_median:.4g} | {ratio:.2f} |")
    return "\n".join(rows)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON line per figure")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    lines = summary(asyncio.run(measure(given.rounds)))
    if given.json:
        for line in lines:
            print(json.dumps(line))
    else:
        print(f"{find_binary()}; {platform.machine()}, {os.cpu_count()} cores\n")
        print(as_table(lines))
    leave(0)


if __name__ == "__main__":
    main()
