"""The embedded server of one state folder: started, watched, stopped."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

from tenuto.core.errors import UnreachableError, UsageError
from tenuto.engine.embedded.binary import ServerBinary, find_binary
from tenuto.engine.embedded.child import ServerProcess
from tenuto.engine.embedded.database import DATABASE_NAME, DatabaseRecord, prepare_database
from tenuto.engine.embedded.filesystem import refuse_network_folder
from tenuto.engine.embedded.frontend import Frontend, wait_for_frontend
from tenuto.engine.embedded.indexes import fit_indexes
from tenuto.engine.embedded.lock import ServerInfo, ServerLock
from tenuto.engine.embedded.ports import HOST, Ports, choose_ports
from tenuto.engine.embedded.recipe import Profile, server_arguments
from tenuto.engine.embedded.schema import fold_log

logger = logging.getLogger(__name__)

LOG_NAME = "server.log"
"""The server's own words, in the state folder."""

_BOOT_PATIENCE = timedelta(seconds=30)
_GRACE = timedelta(seconds=10)
_Result = TypeVar("_Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Running:
    info: ServerInfo
    record: DatabaseRecord
    process: ServerProcess
    frontend: Frontend
    ended: asyncio.Task[None]
    """Done when the server is gone and its lock is free."""


class EmbeddedServer:
    """One Temporal server, child of this process, on `<state_dir>/temporal.db`.

    It ends with this process, however that ends. For `port`, `metrics_port`, and `ui_port` 0
    takes a free one; `ui_port` None starts no web page. A new database knows `search_attributes`
    (name -> type, such as `Keyword`) from its first moment. Use as `async with`, or call `start`
    and `stop`.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        profile: Profile = Profile.DURABLE,
        port: int = 0,
        metrics_port: int = 0,
        ui_port: int | None = None,
        search_attributes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._state_dir = state_dir.resolve()
        self._profile = profile
        self._port, self._metrics_port, self._ui_port = port, metrics_port, ui_port
        self._search_attributes = search_attributes
        self._running: _Running | None = None

    @property
    def info(self) -> ServerInfo:
        """Where the server answers. Raises UsageError before `start`."""
        return self._started().info

    async def start(self) -> ServerInfo:
        """Returns once the frontend answers; the first start of a folder makes its database.

        Raises UsageError when a server already runs here, a port is taken, the binary is missing
        or older than the database, or the folder is on a network; UnreachableError, with the
        server's last words, when it does not come up.
        """
        refuse_network_folder(self._state_dir)
        lock = _open_lock(self._state_dir)
        try:
            binary = await _in_thread(lambda: find_binary(self._state_dir / "server"))
            logger.info("embedded_binary_chosen: %s", binary)
            await _in_thread(lock.acquire)
            self._running = await self._launch(lock, binary)
        except BaseException:
            lock.release()
            raise
        return self._running.info

    async def fit_indexes(self) -> list[str]:
        """Indexes what the namespaces' search attributes use now; returns what it changed.

        Happens at every start; call it again after registering search attributes.
        """
        running = self._started()
        return await _fit_indexes(self._database, running.record, running.frontend)

    async def exited(self) -> None:
        """Returns when the server has ended because `stop` was called.

        Raises UnreachableError, with the server's last words, when it ended by itself.
        """
        running = self._started()
        await asyncio.shield(running.ended)
        if not running.process.is_told_to_stop:
            raise running.process.death("unexpectedly")

    async def stop(self, grace: timedelta = _GRACE) -> None:
        """Asks the server to end, kills it after `grace`, and frees the lock. Safe to repeat."""
        if self._running is not None:
            await self._running.process.stop(grace)
            await self._running.ended

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def _database(self) -> Path:
        return self._state_dir / DATABASE_NAME

    def _started(self) -> _Running:
        if self._running is None:
            raise UsageError(
                f"The server of {self._state_dir} was not started by this object; call `start`.",
                code="embedded.not-started",
            )
        return self._running

    async def _launch(self, lock: ServerLock, binary: ServerBinary) -> _Running:
        record = await _in_thread(
            lambda: prepare_database(
                self._database, binary, lock.descriptor, self._search_attributes
            )
        )
        ports = choose_ports(frontend=self._port, metrics=self._metrics_port, ui=self._ui_port)
        process = await ServerProcess.spawn(
            [str(binary.path), *server_arguments(self._profile, ports, DATABASE_NAME)],
            folder=self._state_dir,
            log=self._state_dir / LOG_NAME,
            lock_descriptor=lock.descriptor,
        )
        try:
            frontend = await _answering(process, ports)
            await _fit_indexes(self._database, record, frontend)
            info = _describe(binary, process, ports)
            lock.publish(info)
        except BaseException:
            await process.stop(timedelta(0))
            raise
        return _Running(
            info=info,
            record=record,
            process=process,
            frontend=frontend,
            ended=asyncio.create_task(self._release_when_ended(process, lock)),
        )

    async def _release_when_ended(self, process: ServerProcess, lock: ServerLock) -> None:
        await process.wait()
        try:
            if process.is_told_to_stop:
                # The server leaves its write-ahead log behind; whoever copies the one file that
                # they see should have everything.
                await _in_thread(lambda: fold_log(self._database))
        finally:
            lock.release()


def _open_lock(state_dir: Path) -> ServerLock:
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return ServerLock(state_dir)
    except OSError as error:
        raise UsageError(
            f"{state_dir} cannot hold the server's files: {error.strerror}. Correct its owner, or"
            " set `state_dir` (environment `TENUTO_STATE_DIR`) to a folder of yours.",
            code="embedded.state-folder",
        ) from error


async def _answering(process: ServerProcess, ports: Ports) -> Frontend:
    address = f"{HOST}:{ports.frontend}"
    frontend = await wait_for_frontend(address, lambda: process.has_ended, _BOOT_PATIENCE)
    if frontend is not None:
        return frontend
    if process.has_ended:
        raise process.death("while starting")
    raise UnreachableError(
        f"The embedded server does not answer at {address} within"
        f" {_BOOT_PATIENCE.total_seconds():.0f} s. {process.last_words()}",
        code="embedded.start-failed",
    )


async def _fit_indexes(database: Path, record: DatabaseRecord, frontend: Frontend) -> list[str]:
    slots = await frontend.search_attribute_slots()
    return await _in_thread(lambda: fit_indexes(database, record.indexes, slots))


def _describe(binary: ServerBinary, process: ServerProcess, ports: Ports) -> ServerInfo:
    return ServerInfo(
        address=f"{HOST}:{ports.frontend}",
        ui_url=None if ports.ui is None else f"http://{HOST}:{ports.ui}",
        metrics_address=f"{HOST}:{ports.metrics}",
        pid=process.pid,
        owner_pid=os.getpid(),
        cli_version=binary.cli_version,
        server_version=binary.server_version,
        started_at=datetime.now(UTC),
    )


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    """Runs blocking work to its end even when cancelled: it may hold the lock's descriptor."""
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
