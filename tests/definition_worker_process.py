"""Workers of the definitions' pack: as its own process, or within the tests' process."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from temporalio.client import Client

from sample.serving import miss_soon, serve_until_stopped
from tenuto.activities.definitions.pack import pack
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers


@asynccontextmanager
async def serving(client: Client) -> AsyncIterator[None]:
    """Workers in this process, which read its environment, for the length of the block."""
    async with AsyncExitStack() as stack:
        for worker in build_workers(
            client, load_registration([pack]), WorkerSettings(), is_embedded=True
        ):
            await stack.enter_async_context(worker)
        yield


async def _run(address: str) -> None:
    client = await connect(Target(address=address, origin="embedded"))
    registration = load_registration([pack])
    miss_soon(registration)
    await serve_until_stopped(client, registration)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    asyncio.run(_run(parser.parse_args().address))
    leave(0)


if __name__ == "__main__":
    main()
