"""A short client process: connects, asks one thing, leaves with the exit code it was told."""

import asyncio
import sys

from temporalio.client import Client

from tenuto.engine.process import leave


async def _ask(address: str) -> None:
    client = await Client.connect(address)
    await client.count_workflows()


if __name__ == "__main__":
    asyncio.run(_ask(sys.argv[1]))
    leave(int(sys.argv[2]))
