"""What a webhook costs over starting the same run by hand.

    python tests/bench/bench_webhooks.py [--json] [--deliveries N] [--at-once N] [--rounds N]

One real server. "Bare" is `client.start_workflow` from one process. "Webhook" is a signed delivery
over HTTP to a receiver in a process of its own: signature, filter, mapping, input check, a decision
on the disk, the start. The sender is one process with so many deliveries at once. In each round
both have their turn; figures are medians over the rounds. Every run is counted at the server.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx

from event_intake import QUEUE, Order
from receiver_desk import SECRET, SECRET_NAME, signed
from sample.processes import WorkerProcess
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES, prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.recipe import Profile
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.testing import eventually


def main() -> None:
    """Prints the figures as one line each, or as one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    figures = asyncio.run(measure(given.deliveries, given.at_once, given.rounds))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    if given.json:
        print(json.dumps({"machine": machine, "rounds": given.rounds, "figures": figures}))
        return
    print(f"{machine}, {given.rounds} rounds of {given.deliveries}, {given.at_once} at once")
    for name, value in figures.items():
        print(f"{name:24} {value:.4g}")


async def measure(deliveries: int, at_once: int, rounds: int) -> dict[str, float]:
    """Medians: runs per second of both, and how many times longer a webhook takes."""
    os.environ[SECRET_NAME] = SECRET
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(
            Path(folder) / "temporal",
            profile=Profile.TESTING,
            search_attributes=SEARCH_ATTRIBUTE_TYPES,
        )
        info = await server.start()
        try:
            return await _measured(info.address, Path(folder), deliveries, at_once, rounds)
        finally:
            await server.stop()


async def _measured(
    address: str, folder: Path, deliveries: int, at_once: int, rounds: int
) -> dict[str, float]:
    client = await connect(Target(address=address, origin="embedded"))
    await prepare_namespace(client)
    port = 18234
    receiver = await WorkerProcess.start(
        address,
        folder / "receiver.log",
        module="receiver_process",
        options=("--folder", str(folder), "--port", str(port)),
    )
    url = f"http://127.0.0.1:{port}/webhooks/numbered"
    limits = httpx.Limits(max_connections=at_once)
    bare: list[float] = []
    hooks: list[float] = []
    again: list[float] = []
    async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False) as http:

        async def by_hand(named: str) -> None:
            await client.start_workflow(
                "Intake", Order(number=named), id=f"bare/{named}", task_queue=QUEUE
            )

        async def by_hook(named: str) -> None:
            body = json.dumps({"number": named}).encode()
            while True:
                answer = await http.post(url, content=body, headers=signed(body, named))
                if answer.is_success:
                    return
                assert answer.status_code == 503, answer.text

        for turn in range(rounds):
            names = [f"{turn}-{number}" for number in range(deliveries)]
            bare.append(await _timed(names, by_hand, at_once))
            hooks.append(await _timed(names, by_hook, at_once))
            again.append(await _timed(names, by_hook, at_once))
    for prefix in ("bare/", "webhook/numbered/"):

        async def counted(prefix: str = prefix) -> None:
            found = await client.count_workflows(f"WorkflowId STARTS_WITH '{prefix}'")
            assert found.count == deliveries * rounds, (prefix, found.count)

        await eventually(counted, timeout_s=60)
    receiver.ask_to_stop()
    assert await receiver.exit_code() == 0
    return {
        "bare, runs/s": deliveries / median(bare),
        "webhook, runs/s": deliveries / median(hooks),
        "repeated webhook, /s": deliveries / median(again),
        "webhook / bare": median(h / b for h, b in zip(hooks, bare, strict=True)),
    }


async def _timed(names: list[str], one: Callable[[str], Awaitable[None]], at_once: int) -> float:
    room = asyncio.Semaphore(at_once)

    async def in_turn(named: str) -> None:
        async with room:
            await one(named)

    began = time.perf_counter()
    await asyncio.gather(*map(in_turn, names))
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
