"""What a definition costs: the same workflow as YAML and by hand, on one server and one worker.

    python tests/bench/bench_definitions.py [--json] [--steps 100] [--rounds 5] [--long 10000]

Both call one activity so many times, one after the other, with the same options, each on a task
queue of its own, on workers built alike. CPU is that of this process, which holds workers and
client, per step; history bytes are the server's count. The
sides take turns; numbers are medians. With `--long`, one definition of that many steps runs to
its end besides: its loop goes on in a new run whenever the history has become long.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from pydantic import JsonValue
from temporalio.client import Client, WorkflowHandle

from bench.echo_by_hand import BY_HAND, QUEUE, EchoByHand, echo
from tenuto.activities.definitions.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.definitions.compiling import compile_plan
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.engine.process import leave
from tenuto.engine.registration import QueueCode, load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.triggers.definitions import start_definition

_CALL: dict[str, JsonValue] = {
    "call": "bench.echo",
    "metadata": {
        "temporal": {
            "activity": "bench.echo",
            "taskQueue": QUEUE,
            "startToClose": "PT1M",
            "retry": {"maximumAttempts": 3},
        }
    },
}


def straight(steps: int) -> JsonValue:
    """A definition with one task for every step."""
    tasks = {f"step{n}": _calling({"number": n, "before": "${ .number? }"}) for n in range(steps)}
    return _document("straight", [{name: task} for name, task in tasks.items()])


def looping(steps: int) -> JsonValue:
    """A definition with one task in a loop."""
    each: JsonValue = {"each": "n", "in": f"[range({steps})]"}
    body: JsonValue = [{"step": _calling({"number": "${ $n }"})}]
    return _document("looping", [{"loop": {"for": each, "do": body}}])


def _calling(arguments: dict[str, JsonValue]) -> JsonValue:
    return {**_CALL, "with": arguments}


def _document(name: str, tasks: list[JsonValue]) -> JsonValue:
    head: JsonValue = {"dsl": "1.0.3", "namespace": "bench", "name": name, "version": "1.0.0"}
    return {"document": head, "do": tasks}


async def measure(steps: int, rounds: int, long: int) -> dict[str, Any]:
    """CPU and history by side, and the long run."""
    with tempfile.TemporaryDirectory(prefix="tenuto-bench-") as folder:
        store = open_store(f"{folder}/artifacts")
        use_store(store)
        server = EmbeddedServer(Path(folder) / "state", port=0, metrics_port=0, ui_port=None)
        info = await server.start()
        try:
            client = await connect(
                Target(address=info.address, origin="embedded"),
                external_storage=external_storage(store),
            )
            await prepare_namespace(client)
            return await _with_workers(client, steps, rounds, long)
        finally:
            await server.stop()


async def _with_workers(client: Client, steps: int, rounds: int, long: int) -> dict[str, Any]:
    known = load_registration([pack])
    registration = replace(
        known,
        queues={
            "definitions": known.queues["definitions"],
            BY_HAND: QueueCode(workflows=[EchoByHand]),
            QUEUE: QueueCode(activities=[echo]),
        },
    )
    workers = build_workers(client, registration, WorkerSettings(), is_embedded=True)
    sides: dict[str, list[tuple[float, int, int]]] = {"by hand": [], "definition": []}
    async with AsyncExitStack() as running:
        for worker in workers:
            await running.enter_async_context(worker)
        plan = compile_plan(straight(steps), registration.catalog)
        for number in range(rounds + 1):
            for side in sides:
                began = time.process_time()
                if side == "by hand":
                    handle: WorkflowHandle[Any, Any] = await client.start_workflow(
                        EchoByHand.run, steps, id=f"by-hand-{number}", task_queue=BY_HAND
                    )
                else:
                    handle = await start_definition(client, plan, {})
                answer: JsonValue = await handle.result()
                cpu = time.process_time() - began
                assert answer == {"number": steps - 1, "before": steps - 2}
                if number:  # the first round imports and warms up
                    sides[side].append((cpu, *(await _history(handle))))
        report = {side: _medians(runs, steps) for side, runs in sides.items()}
        report["ratio"] = {
            key: round(report["definition"][key] / report["by hand"][key], 3)
            for key in report["by hand"]
        }
        if long:
            report["long"] = await _long_run(client, registration.catalog, long)
        return report


async def _history(handle: "WorkflowHandle[Any, Any]") -> tuple[int, int]:
    described = (await handle.describe()).raw_description.workflow_execution_info
    return described.history_size_bytes, described.history_length


def _medians(runs: list[tuple[float, int, int]], steps: int) -> dict[str, float]:
    cpu, size, events = (statistics.median(each) for each in zip(*runs, strict=True))
    return {"cpu_ms_per_step": round(cpu * 1000 / steps, 3), "bytes": size, "events": events}


async def _long_run(client: Client, catalog: Any, steps: int) -> dict[str, float]:
    plan = compile_plan(looping(steps), catalog)
    began = time.perf_counter()
    handle = await start_definition(client, plan, {})
    answer = await handle.result()
    assert answer == {"number": steps - 1}
    runs, size = 0, 0
    async for run in client.list_workflows(f'WorkflowId = "{handle.id}"'):
        described = await client.get_workflow_handle(run.id, run_id=run.run_id).describe()
        runs += 1
        size = max(size, described.history_length)
    return {
        "steps": steps,
        "seconds": round(time.perf_counter() - began, 1),
        "runs": runs,
        "longest_history_events": size,
    }


def main() -> None:
    """Prints the medians of both sides and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--long", type=int, default=0)
    options = parser.parse_args()
    report = asyncio.run(measure(options.steps, options.rounds, options.long))
    if options.json:
        print(json.dumps(report))
    else:
        for side, numbers in report.items():
            print(f"{side:12}", "  ".join(f"{key} {value:,}" for key, value in numbers.items()))
    leave(0)


if __name__ == "__main__":
    main()
