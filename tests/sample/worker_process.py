"""A worker of the sample pack as its own process, so that tests can kill it."""

import argparse
import asyncio
import logging
import sys

from sample.pack import pack
from sample.serving import serve_until_stopped
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings


async def _run(address: str, queues: list[str], threads: int, artifacts: str | None) -> None:
    large = external_storage(open_store(artifacts)) if artifacts else None
    client = await connect(Target(address=address, origin="embedded"), external_storage=large)
    await serve_until_stopped(
        client,
        load_registration([pack], ["sample.plain"], "sample"),
        settings=WorkerSettings(threads=threads, drain_timeout_s=30),
        queues=queues,
    )


def main() -> None:
    """Serves until SIGTERM, then drains and leaves with 0."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--queue", action="append")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--artifacts", help="folder of a store for large payloads")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    asyncio.run(_run(given.address, given.queue or ["sample"], given.threads, given.artifacts))
    leave(0)


if __name__ == "__main__":
    main()
