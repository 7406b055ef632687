"""A worker of finance packs as its own process: every step leaves a mark, one may be held."""

import argparse
import asyncio
import functools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from temporalio import activity

from sample.serving import miss_soon, serve_until_stopped
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.core.pack import resolve
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.identity.keys import KeyRing
from tenuto.identity.trust import trust


def _marked(body: Callable[..., Any], folder: Path, held: str) -> Callable[..., Any]:
    """`body`, leaving a mark before it runs; the one called `held` then waits to be released."""

    @functools.wraps(body)
    def marking(request: Any) -> Any:
        info = activity.info()
        step = info.activity_type
        mark = {
            "at": time.time(),
            "attempt": info.attempt,
            "run": info.workflow_id,
            "pid": os.getpid(),
        }
        with (folder / f"{step}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(mark) + "\n")
        while step == held and not (folder / f"release-{step}").exists():
            activity.heartbeat()
            time.sleep(0.02)
        return body(request)

    return marking


async def _run(packs: list[str], address: str, artifacts: str, folder: Path, held: str) -> None:
    use_store(open_store(artifacts))
    registration = load_registration([resolve(pack) for pack in packs])
    for code in registration.queues.values():
        code.activities[:] = [_marked(body, folder, held) for body in code.activities]
    client = await connect(Target(address=address, origin="embedded"))
    miss_soon(registration)
    await serve_until_stopped(client, registration)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--artifacts", required=True)
    parser.add_argument("--marks", type=Path, required=True)
    parser.add_argument("--held", default="")
    parser.add_argument("--ring", type=Path, help="public keys that tickets are judged by")
    parser.add_argument("--pack", action="append", help="by default the NAV's")
    given = parser.parse_args()
    if given.ring:
        trust(KeyRing.model_validate_json(given.ring.read_text(encoding="utf-8")))
    packs = given.pack or ["tenuto.packs.finance.nav.pack:pack"]
    asyncio.run(_run(packs, given.address, given.artifacts, given.marks, given.held))
    leave(0)


if __name__ == "__main__":
    main()
