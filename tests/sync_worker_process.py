"""A worker of data syncs as its own process, serving the project in a folder."""

import argparse
import asyncio
from pathlib import Path

from sample.serving import miss_soon, serve_until_stopped
from tenuto.activities.notify.pack import pack as notify
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.project import use_settings
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import load_settings
from tenuto.packs.sync.pack import pack


async def _run(address: str, project: Path, is_killed: bool) -> None:
    use_settings(load_settings(project))
    registration = load_registration([pack, notify])
    client = await connect(Target(address=address, origin="embedded"))
    if is_killed:
        miss_soon(registration)
    await serve_until_stopped(client, registration)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--is-killed", action="store_true")
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.project, given.is_killed))
    leave(0)


if __name__ == "__main__":
    main()
