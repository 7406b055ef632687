"""A worker of the channels as its own process; one that is held waits after its effect."""

import argparse
import asyncio
import functools
import inspect
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from temporalio import activity

from sample.serving import miss_soon, serve_until_stopped
from tenuto.activities.notify.pack import pack
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration


def _held_after(body: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """`body`, which marks that its effect is done, and then never returns to the engine."""

    @functools.wraps(body)
    def holding(request: Any) -> Any:
        body(request)
        (folder / f"done-{activity.info().activity_type}-{os.getpid()}").touch()
        while True:
            time.sleep(0.02)

    return holding


async def _run(address: str, hold_in: Path | None) -> None:
    registration = load_registration([pack], ["notify_workflows"], "integration")
    if hold_in is not None:
        for code in registration.queues.values():
            code.activities[:] = [
                each if inspect.iscoroutinefunction(each) else _held_after(each, hold_in)
                for each in code.activities
            ]
    client = await connect(Target(address=address, origin="embedded"))
    miss_soon(registration)
    await serve_until_stopped(client, registration)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--hold-in", type=Path)
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.hold_in))
    leave(0)


if __name__ == "__main__":
    main()
