"""A worker of the demonstration, in a process of its own, so that it can be killed."""

import argparse
import asyncio
import sys
from pathlib import Path

from tenuto.activities.notify.pack import pack as notify
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.project import use_settings
from tenuto.engine.registration import load_registration
from tenuto.engine.serving import StopRequest, serve
from tenuto.engine.settings import WorkerSettings, load_settings
from tenuto.engine.worker import build_workers
from tenuto.packs.sync.pack import pack


async def _run(target: Target, project: Path) -> None:
    use_settings(load_settings(project))
    registration = load_registration([pack, notify])
    await asyncio.to_thread(sys.stdin.readline)  # its namespace is made meanwhile
    client = await connect(target)
    stop = StopRequest()
    stop.listen()
    settings = WorkerSettings(threads=4)
    workers = build_workers(client, registration, settings, is_embedded=True)
    print("ready", flush=True)
    await serve(workers, stop)


def main() -> None:
    """Serves, once there is a line on standard input, until it is stopped or killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--project", type=Path, required=True)
    given = parser.parse_args()
    target = Target(address=given.address, namespace=given.namespace, origin="embedded")
    asyncio.run(_run(target, given.project))
    leave(0)


if __name__ == "__main__":
    main()
