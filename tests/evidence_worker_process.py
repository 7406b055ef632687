"""The exporter's worker as a process of its own, to be killed."""

import argparse
import asyncio
from pathlib import Path

from evidence_desk import home_in
from sample.serving import miss_soon, serve_until_stopped
from tenuto.activities.evidence.pack import pack
from tenuto.catalog.library.evidence.catalog import QUEUE
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.evidence.home import use_evidence


async def _run(address: str, namespace: str, folder: Path) -> None:
    use_evidence(home_in(folder))
    client = await connect(Target(address=address, namespace=namespace, origin="embedded"))
    registration = load_registration([pack])
    miss_soon(registration)
    await serve_until_stopped(client, registration, queues=[QUEUE])


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.namespace, given.folder))
    leave(0)


if __name__ == "__main__":
    main()
