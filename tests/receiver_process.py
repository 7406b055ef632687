"""A receiver as its own process, so that tests can kill it."""

import argparse
import asyncio
import os
from pathlib import Path

from receiver_desk import TRIGGERS, targets_in
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.serving import StopRequest
from tenuto.engine.settings import Settings
from tenuto.triggers.events.checking import check_triggers
from tenuto.triggers.events.receiver.app import Receiver
from tenuto.triggers.events.receiver.gates import Gates
from tenuto.triggers.events.receiver.serving import open_port, serve_receiver


async def _run(address: str, folder: Path, port: int) -> None:
    stop = StopRequest()
    stop.listen()
    client = await connect(Target(address=address, origin="embedded"))
    targets = targets_in(folder)
    triggers = check_triggers(TRIGGERS, "triggers.yaml", targets).whole()
    receiver = Receiver(client, triggers, targets, Gates(Settings(root=folder), None))
    listening = open_port("127.0.0.1", port)
    print("ready", flush=True)
    await serve_receiver(receiver, listening, stop)


def main() -> None:
    """Receives until SIGTERM, then drains and leaves with 0."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    os.chdir(given.folder)
    asyncio.run(_run(given.address, given.folder, given.port))
    leave(0)


if __name__ == "__main__":
    main()
