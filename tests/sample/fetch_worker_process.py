"""A worker of the fetch area and a workflow that uses it, as a process that tests can kill."""

import argparse
import asyncio

from sample.serving import miss_soon, serve_until_stopped
from tenuto.activities.fetch.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration


async def _run(address: str, artifacts: str) -> None:
    use_store(open_store(artifacts))
    registration = load_registration([pack], ["sample.fetching"], "fetching")
    client = await connect(Target(address=address, origin="embedded"))
    miss_soon(registration)
    await serve_until_stopped(client, registration)


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
