"""The worker of tasks as a process, to be killed; it trusts the keys of the file it is given."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from sample.serving import miss_soon, serve_until_stopped
from tenuto.activities.tasks.pack import pack
from tenuto.catalog.library.tasks.catalog import QUEUE
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.identity.keys import KeyRing
from tenuto.identity.trust import trust


async def _run(address: str, keys: Path) -> None:
    trust(KeyRing.model_validate_json(keys.read_bytes()))
    client = await connect(Target(address=address, origin="embedded"))
    registration = load_registration([pack])
    miss_soon(registration)
    await serve_until_stopped(client, registration, queues=[QUEUE])


def main() -> None:
    """Serves until SIGTERM, then drains and leaves with 0."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--keys", type=Path, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    asyncio.run(_run(given.address, given.keys))
    leave(0)


if __name__ == "__main__":
    main()
