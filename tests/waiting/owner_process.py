"""A process that owns an embedded server, so that tests can kill it."""

import asyncio
import sys
from pathlib import Path

from tenuto.engine.embedded.server import EmbeddedServer


async def _own(state_dir: Path) -> None:
    async with EmbeddedServer(state_dir) as server:
        print(server.info.model_dump_json(), flush=True)
        await server.exited()


if __name__ == "__main__":
    asyncio.run(_own(Path(sys.argv[1])))
