"""A server that a test may kill and start again."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from tenuto.core.errors import UnreachableError
from tenuto.engine.embedded.server import EmbeddedServer


class KillableServer:
    """A server of one test, on one file and one port, however often it is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = EmbeddedServer(folder)
        self._port = 0

    @property
    def address(self) -> str:
        """Where it answers, the same after each start."""
        return self._server.info.address

    async def start(self) -> None:
        """Starts it, or starts it again on the same file."""
        self._server = EmbeddedServer(self._folder, port=self._port)
        info = await self._server.start()
        self._port = int(info.address.rpartition(":")[2])

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        os.kill(self._server.info.pid, signal.SIGKILL)
        with pytest.raises(UnreachableError):
            await self._server.exited()

    async def stop(self) -> None:
        """Ends it for good."""
        await self._server.stop(grace=timedelta(0))
