"""A short client process: connects, asks one thing, leaves with the exit code it was told."""

import asyncio
import sys

from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.runs.listing import list_runs


async def _ask(address: str) -> None:
    client = await connect(Target(address=address, origin="embedded"))
    await list_runs(client, page_size=5)


if __name__ == "__main__":
    asyncio.run(_ask(sys.argv[1]))
    leave(int(sys.argv[2]))
