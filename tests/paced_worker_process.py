"""A worker of paced schedules as its own process; one that is held waits after its effect."""

import argparse
import asyncio
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paced_runs import pack as runs
from sample.serving import miss_soon, serve_until_stopped
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.triggers.schedules.pacing.pack import pack


def _held_after(body: Callable[..., Any], mark: Path) -> Callable[..., Any]:
    """`body`, which marks that its effect is done, and then never returns to the engine."""

    @functools.wraps(body)
    async def holding(request: Any) -> Any:
        await body(request)
        mark.touch()
        await asyncio.Event().wait()

    return holding


async def _run(address: str, hold: Path | None) -> None:
    registration = load_registration([pack, runs])
    if hold is not None:
        for code in registration.queues.values():
            code.activities[:] = [_held_after(each, hold) for each in code.activities]
    client = await connect(Target(address=address, origin="embedded"))
    miss_soon(registration)
    await serve_until_stopped(client, registration)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--hold", type=Path)
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.hold))
    leave(0)


if __name__ == "__main__":
    main()
