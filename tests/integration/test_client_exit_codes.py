"""Short processes end with the code they mean, not with the one their native threads abort with."""

import asyncio

from sample.processes import run_client
from tenuto.engine.embedded import ServerInfo

MEANT = 3


async def test_a_short_client_process_ends_as_it_means_20_of_20(
    temporal_server: ServerInfo,
) -> None:
    at_once = asyncio.Semaphore(4)

    async def one() -> int:
        async with at_once:
            return await run_client(temporal_server.address, MEANT)

    assert await asyncio.gather(*(one() for _ in range(20))) == [MEANT] * 20
