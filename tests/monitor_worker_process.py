"""A worker of monitors as a process of its own, to be killed."""

import argparse
import asyncio
from dataclasses import replace

from monitor_desk import ORACLE
from sample.serving import miss_soon, serve_until_stopped
from tenuto.activities.notify.pack import pack as notify
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration

STUCK = replace(
    ORACLE,
    activities=(
        "monitor_stuck_bodies",
        "tenuto.packs.monitors.addresses.activities",
        "monitor_bodies",
    ),
)
"""The pack as it is while completing a monitor hangs."""


async def _run(address: str, *, is_stuck: bool) -> None:
    registration = load_registration((STUCK if is_stuck else ORACLE, notify))
    client = await connect(Target(address=address, origin="embedded"))
    miss_soon(registration)
    await serve_until_stopped(client, registration)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--never-completes", action="store_true")
    given = parser.parse_args()
    asyncio.run(_run(given.address, is_stuck=given.never_completes))
    leave(0)


if __name__ == "__main__":
    main()
