"""A worker of the fetch area and a workflow that uses it, as a process that tests can kill."""

import argparse
import asyncio

from tenuto.activities.fetch.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.engine.serving import StopRequest, serve
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers


async def _run(address: str, artifacts: str) -> None:
    stop = StopRequest()
    stop.listen()
    use_store(open_store(artifacts))
    registration = load_registration([pack], ["sample.fetching"], "fetching")
    client = await connect(Target(address=address, origin="embedded"))
    workers = build_workers(client, registration, WorkerSettings(), is_embedded=True)
    print("ready", flush=True)
    await serve(workers, stop)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--artifacts", required=True)
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.artifacts))
    leave(0)


if __name__ == "__main__":
    main()
