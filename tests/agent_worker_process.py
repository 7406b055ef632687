"""A worker of agents as its own process: every model call leaves a mark when it begins."""

import argparse
import asyncio
import functools
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from temporalio import activity

from agent_desk import PACKS
from sample.serving import miss_soon, serve_until_stopped
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration

MODEL = "agents.ask_model"


def _marked(body: Callable[[Any], Awaitable[Any]], folder: Path) -> Callable[[Any], Awaitable[Any]]:
    @functools.wraps(body)
    async def marking(request: Any) -> Any:
        info = activity.info()
        mark = {
            "at": time.time(),
            "attempt": info.attempt,
            "run": f"{info.workflow_id}/{len(request.turns) + 1}",
            "pid": os.getpid(),
        }
        with (folder / f"{MODEL}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(mark) + "\n")
        return await body(request)

    return marking


async def _run(address: str, artifacts: str, folder: Path) -> None:
    use_store(open_store(artifacts))
    registration = load_registration(PACKS)
    for code in registration.queues.values():
        code.activities[:] = [
            _marked(body, folder) if asyncio.iscoroutinefunction(body) and _is_model(body) else body
            for body in code.activities
        ]
    client = await connect(Target(address=address, origin="embedded"))
    miss_soon(registration)
    await serve_until_stopped(client, registration)


def _is_model(body: Callable[..., Any]) -> bool:
    return bool(body.__module__.endswith("activities.ask_model"))


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--artifacts", required=True)
    parser.add_argument("--marks", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.artifacts, given.marks))
    leave(0)


if __name__ == "__main__":
    main()
