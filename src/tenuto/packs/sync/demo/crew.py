"""The workers of the demonstration: killed with SIGKILL, relieved by the next."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tenuto.core.errors import TransientError

_MODULE = "tenuto.packs.sync.demo.worker"


class Crew:
    """One worker that loads, and its relief, which starts while that one is busy."""

    def __init__(self, log: Path, shop: str, arguments: Sequence[str | Path]) -> None:
        self._log = log
        self._shop = shop
        self._arguments = arguments
        self._workers: list[Process] = []
        self._relief: asyncio.Task[None] | None = None
        self.killed = 0
        """Processes that were killed in the middle."""

    async def start(self) -> None:
        """One more process, which imports what it needs and waits to be let begin."""
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", _MODULE, *self._arguments),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                env={**os.environ, "TENUTO_HTTP_ALLOW": self._shop},
            )
        self._workers.append(process)

    async def begin(self) -> None:
        """Returns once the process that was started last serves."""
        worker = self._workers[-1]
        assert worker.stdin is not None  # noqa: S101 (pipes were asked for)
        assert worker.stdout is not None  # noqa: S101
        worker.stdin.write(b"\n")
        if await worker.stdout.readline() != b"ready\n":
            raise TransientError(
                f"a worker of the demonstration did not start; what it said is in {self._log}",
                code="sync.demo-worker",
            )

    def call_relief(self) -> None:
        """Lets one more worker start while everything else goes on."""

        async def hire() -> None:
            await self.start()
            await self.begin()

        self._relief = asyncio.create_task(hire())

    async def kill(self, identity: str) -> None:
        """SIGKILL for the worker of that identity, which is `pid@host`, once its relief serves."""
        if self._relief is not None:
            await self._relief
        pid = int(identity.partition("@")[0])
        worker = next(each for each in self._workers if each.pid == pid)
        worker.kill()
        await worker.wait()
        self._workers.remove(worker)
        self.killed += 1

    async def leave(self) -> None:
        """Ends whoever is left."""
        if self._relief is not None:
            self._relief.cancel()
            await asyncio.gather(self._relief, return_exceptions=True)
        for worker in self._workers:
            if worker.returncode is None:
                worker.kill()
            await worker.wait()


@asynccontextmanager
async def crew(address: str, namespace: str, project: Path, shop: str) -> AsyncIterator[Crew]:
    """A crew whose first worker starts; nobody of it is left at the end."""
    arguments = ("--address", address, "--namespace", namespace, "--project", project)
    workers = Crew(project / "workers.log", shop, arguments)
    try:
        await workers.start()
        yield workers
    finally:
        await workers.leave()
