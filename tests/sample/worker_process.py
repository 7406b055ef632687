"""A worker of the sample pack as its own process, so that tests can kill it."""

import argparse
import asyncio
import logging
import sys

from sample.pack import pack

from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.engine.serving import StopRequest, serve
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers


async def _run(address: str, namespace: str, queues: list[str], threads: int) -> None:
    stop = StopRequest()
    stop.listen()
    client = await connect(Target(address=address, namespace=namespace, origin="embedded"))
    workers = build_workers(
        client,
        load_registration([pack], ["sample.plain"], "sample"),
        WorkerSettings(threads=threads, drain_timeout_s=30),
        queues=queues,
        is_embedded=True,
    )
    print("ready", flush=True)
    await serve(workers, stop)


def main() -> None:
    """Serves until SIGTERM, then drains and leaves with 0."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--queue", action="append", required=True)
    parser.add_argument("--threads", type=int, default=8)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    asyncio.run(_run(given.address, given.namespace, given.queue, given.threads))
    leave(0)


if __name__ == "__main__":
    main()
