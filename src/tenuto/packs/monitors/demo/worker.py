"""The demonstration's worker as a process of its own, so that it can be killed."""

import argparse
import asyncio
import sys

from tenuto.activities.notify.pack import pack as notify
from tenuto.engine.connection import Target, connect, payload_codec
from tenuto.engine.process import leave
from tenuto.engine.project import use_settings
from tenuto.engine.registration import load_registration
from tenuto.engine.serving import StopRequest, serve
from tenuto.engine.settings import WorkerSettings, load_settings
from tenuto.engine.worker import build_workers
from tenuto.packs.monitors.pack import pack as monitors


async def _run(address: str, namespace: str) -> None:
    settings = load_settings()
    use_settings(settings)
    target = Target(address=address, namespace=namespace, origin="embedded")
    client = await connect(target, codec=payload_codec(settings, target))
    stop = StopRequest()
    stop.listen()
    workers = build_workers(
        client,
        load_registration((monitors, notify)),
        WorkerSettings(threads=4),
        is_embedded=True,
    )
    if not await asyncio.to_thread(sys.stdin.readline):
        return  # whoever started it is gone
    print("ready", flush=True)
    await serve(workers, stop)


def main() -> None:
    """Serves, once it is told to on standard input, until SIGTERM, or until it is killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--namespace", required=True)
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.namespace))
    leave(0)


if __name__ == "__main__":
    main()
