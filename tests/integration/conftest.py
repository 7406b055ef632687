"""One real server and one real worker of the sample pack for all tests; own ones for killing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from sample.catalog import QUEUE
from sample.processes import StartWorker, WorkerProcess, worker_processes
from sample.servers import KillableServer
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.runs.polling import TaskKind, read_polling
from tenuto.testing import eventually
from tenuto.testing.fixtures import temporal_client, temporal_server

__all__ = ["temporal_client", "temporal_server"]


@pytest.fixture(scope="session")
def client(temporal_client: Client) -> Client:
    """A client of the server all tests share."""
    return temporal_client


@pytest_asyncio.fixture(scope="session")
async def worker(
    temporal_server: ServerInfo, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WorkerProcess]:
    """A worker of the sample pack on that server, which no test kills."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    worker = await WorkerProcess.start(temporal_server.address, log)

    async def polls() -> None:
        for kind in TaskKind:
            assert (await read_polling(client, QUEUE, kind)).is_recent

    await eventually(polls)
    yield worker
    await worker.kill()


@pytest_asyncio.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[KillableServer]:
    """A server of this test alone."""
    server = KillableServer(tmp_path / "server")
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def own_client(own_server: KillableServer) -> Client:
    """A client of this test's own server."""
    client = await connect(Target(address=own_server.address, origin="embedded"))
    await prepare_namespace(client)
    return client


@pytest_asyncio.fixture
async def start_worker(own_server: KillableServer, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts workers on this test's own server; whichever are left are killed at the end."""
    async with worker_processes(own_server, tmp_path) as one_more:
        yield one_more
