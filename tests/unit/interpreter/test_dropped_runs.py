"""A run that Python drops from memory is closed where it stands: it must not wait for anything."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from tenuto.definitions.plan import ForkTask
from tenuto.workflows.interpreter import fork
from tenuto.workflows.interpreter.temporal_host import _finished


class Open(asyncio.Future[Any]):
    """Work that does not end, and takes its time to clean up when it is cancelled."""

    def cancel(self, msg: Any = None) -> bool:
        return True


class Waiting:
    """A host whose work never ends."""

    def start(self, work: Coroutine[Any, Any, Any], *, name: str) -> Open:
        work.close()
        return Open()

    async def first_of(self, running: Sequence[Any]) -> None:
        await asyncio.wait(running)


class Branch:
    """A branch that is never begun."""

    async def run(self) -> None:
        return None


async def test_a_fork_that_is_dropped_stops_at_once() -> None:
    branches = [{"kind": "set", "name": "a", "at": "/a", "value": {}}]
    task = ForkTask.model_validate({"name": "f", "at": "/f", "branches": branches})
    host: Any = Waiting()
    run = fork.run(task, [Branch()], None, host)
    run.send(None)
    run.close()  # raises RuntimeError for a coroutine that goes on waiting


async def test_a_call_that_is_dropped_stops_at_once() -> None:
    work = asyncio.create_task(asyncio.sleep(3600))
    called = _finished(work)
    called.send(None)
    called.close()
    work.cancel()
