"""One side's worker in a process of its own; each line it reads, it answers with its CPU time."""

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.worker import Worker

from bench.five_steps import by_hand
from bench.five_steps.pack import pack
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers

THREADS = 32


async def _worker(side: str, address: str) -> Worker:
    if side == "tenuto":
        client = await connect(Target(address=address, origin="embedded"))
        registration = load_registration([pack])
        (worker,) = build_workers(
            client, registration, WorkerSettings(threads=THREADS), is_embedded=True
        )
        return worker
    return Worker(
        await Client.connect(address),
        task_queue=by_hand.QUEUE,
        workflows=[by_hand.FiveStepsByHand],
        activities=[by_hand.add_up],
        activity_executor=ThreadPoolExecutor(THREADS),
        max_concurrent_activities=THREADS,
    )


async def _serve(side: str, address: str) -> None:
    worker = await _worker(side, address)
    finished = asyncio.Event()
    loop = asyncio.get_running_loop()

    def answer() -> None:
        for _ in sys.stdin:
            print(time.process_time(), flush=True)
        loop.call_soon_threadsafe(finished.set)

    threading.Thread(target=answer, daemon=True).start()
    async with worker:
        print("ready", flush=True)
        await finished.wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2]))
    leave(0)
