"""A worker that watches files, as its own process, so that tests can kill it."""

import argparse
import asyncio
from pathlib import Path

from event_intake import PACK
from receiver_desk import targets_in
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.project import use_settings
from tenuto.engine.registration import load_registration
from tenuto.engine.serving import StopRequest, serve
from tenuto.engine.settings import Settings, WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.triggers.events.current import use_targets
from tenuto.triggers.events.files.pack import pack


async def _run(address: str, folder: Path) -> None:
    stop = StopRequest()
    stop.listen()
    client = await connect(Target(address=address, origin="embedded"))
    use_settings(Settings(root=folder))
    use_targets(lambda: targets_in(folder))
    registration = load_registration([pack, PACK])
    workers = build_workers(client, registration, WorkerSettings(), is_embedded=True)
    print("ready", flush=True)
    await serve(workers, stop)


def main() -> None:
    """Serves until SIGTERM, then drains and leaves with 0."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.folder))
    leave(0)


if __name__ == "__main__":
    main()
