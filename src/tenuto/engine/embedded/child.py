"""The server process, under its guard, as this process sees it."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import PIPE, Process
from datetime import timedelta
from pathlib import Path
from typing import Self

from tenuto.core.errors import UnreachableError
from tenuto.engine.embedded.environment import server_environment
from tenuto.engine.embedded.guard import guarded

_SHOWN_LINES = 12


class ServerProcess:
    """A running server and the guard that ends it with this process."""

    def __init__(self, guard: Process, pid: int, log: Path) -> None:
        self._guard = guard
        self._log = log
        self.pid = pid
        """Of the server itself, not of its guard."""
        self.is_told_to_stop = False

    @classmethod
    async def spawn(
        cls, command: list[str], *, folder: Path, log: Path, lock_descriptor: int
    ) -> Self:
        """Starts `command` in `folder`, sharing the lock. Raises UnreachableError if it cannot.

        Cancelled while starting, it leaves nothing running.
        """
        starting = asyncio.create_task(cls._spawn(command, folder, log, lock_descriptor))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            with contextlib.suppress(UnreachableError):
                started = await starting
                await started.stop(timedelta(0))
            raise

    @classmethod
    async def _spawn(
        cls, command: list[str], folder: Path, log: Path, lock_descriptor: int
    ) -> Self:
        guard = await asyncio.create_subprocess_exec(
            *guarded(command, log=log, lock_descriptor=lock_descriptor),
            cwd=folder,
            env=server_environment(),
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl-C goes to this process alone, which stops in order
            pass_fds=[lock_descriptor],
        )
        assert guard.stdout is not None  # noqa: S101 (a pipe was asked for)
        pid = await guard.stdout.readline()
        if not pid:
            await guard.wait()
            raise UnreachableError(
                f"The embedded server could not be started. {_last_words(log)}",
                code="embedded.start-failed",
            )
        return cls(guard, int(pid), log)

    @property
    def has_ended(self) -> bool:
        """Whether the server is gone."""
        return self._guard.returncode is not None

    async def wait(self) -> None:
        """Returns when the server is gone, however it went."""
        await self._guard.wait()
        if self._guard.returncode and self._guard.returncode < 0:
            # Somebody killed the guard, which can no longer end the server.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def stop(self, grace: timedelta) -> None:
        """Asks the server to stop and kills it after `grace`; at once without any."""
        self.is_told_to_stop = True
        assert self._guard.stdin is not None  # noqa: S101 (a pipe was asked for)
        if grace and not self.has_ended:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._guard.stdin.write(b".")
                await self._guard.stdin.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._guard.wait(), grace.total_seconds())
        self._guard.stdin.close()
        await self.wait()

    def last_words(self) -> str:
        """Where its log is, and how it ends."""
        return _last_words(self._log)

    def death(self, when: str) -> UnreachableError:
        """The error for a server that ended unasked, with its last words."""
        return UnreachableError(
            f"The embedded server ended {when} (exit code {self._guard.returncode}). What it had"
            f" acknowledged is in its database: start it again. {self.last_words()}",
            code="embedded.server-died",
            details={"exit_code": self._guard.returncode, "log": str(self._log)},
        )


def _last_words(log: Path) -> str:
    if not log.exists():
        return f"It wrote no log ({log})."
    lines = log.read_text("utf-8", "replace").splitlines()[-_SHOWN_LINES:]
    return f"Its log, {log}, ends:\n" + "\n".join(lines)
