"""The sample pack's processes, started and killed by tests."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sample.servers import KillableServer

_TESTS = Path(__file__).parents[1]


class WorkerProcess:
    """A worker of the sample pack in a process of its own."""

    def __init__(self, process: Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(
        cls,
        address: str,
        log: Path,
        *,
        module: str = "sample.worker_process",
        options: Sequence[str] = (),
    ) -> "WorkerProcess":
        """A worker that polls; what it logs goes to `log`."""
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, "--address", address, *options),
                stdout=PIPE,
                stderr=errors,
                env=environment(),
            )
        worker = cls(process, log)
        assert process.stdout is not None
        said = await process.stdout.readline()
        assert said == b"ready\n", f"the worker did not start, see {log}"
        return worker

    @property
    def pid(self) -> int:
        """Process id, as the marks of its activities carry it."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.returncode is None

    def ask_to_stop(self) -> None:
        """SIGTERM: finish what is running, then leave."""
        self._process.send_signal(signal.SIGTERM)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self.is_running:
            self._process.kill()
        await self._process.wait()

    async def exit_code(self) -> int:
        """The exit code, when the process has left by itself."""
        return await self._process.wait()


StartWorker = Callable[..., Awaitable[WorkerProcess]]
"""Starts one more worker with these command line options."""


@asynccontextmanager
async def worker_processes(
    server: KillableServer, folder: Path, *options: str, module: str = "sample.worker_process"
) -> AsyncIterator[StartWorker]:
    """Starts one more worker whenever it is called, with `options` and those of the call.

    Whichever are left at the end are killed. They log into `folder`.
    """
    started: list[WorkerProcess] = []

    async def one_more(*more: str) -> WorkerProcess:
        log = folder / f"worker-{len(started)}.log"
        worker = await WorkerProcess.start(
            server.address, log, module=module, options=(*options, *more)
        )
        started.append(worker)
        return worker

    try:
        yield one_more
    finally:
        for worker in started:
            await worker.kill()


async def run_client(address: str, exit_code: int) -> int:
    """The exit code of a short process that asks the server something and means `exit_code`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sample.client_process", address, str(exit_code)),
        stdout=DEVNULL,
        stderr=DEVNULL,
        env=environment(),
    )
    return await process.wait()


def environment() -> dict[str, str]:
    """This process's environment, with the tests' folder to import from."""
    return {**os.environ, "PYTHONPATH": str(_TESTS)}
