"""Pytest fixtures around one real server per test run.

In the top `conftest.py`: `pytest_plugins = ["tenuto.testing.fixtures"]`. Needs pytest-asyncio;
the fixtures live on the session's event loop, so tests must too
(`asyncio_default_test_loop_scope = "session"`).
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from temporalio.client import Client

from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES, prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.embedded.recipe import Profile
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.testing.time_skipping import can_skip_time, skip_time

RETENTION = timedelta(days=3650)
"""Closed runs outlive the time that skipping workflows jump over."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerInfo]:
    """A real server on free ports, headless, its database in a temporary folder."""
    server = EmbeddedServer(
        tmp_path_factory.mktemp("temporal"),
        profile=Profile.TESTING,
        search_attributes=SEARCH_ATTRIBUTE_TYPES,
    )
    yield await server.start()
    await server.stop(grace=timedelta(0))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_client(temporal_server: ServerInfo) -> Client:
    """A client of that server as Tenuto builds it, its namespace prepared. Time is real."""
    client = await connect(Target(address=temporal_server.address, origin="embedded"))
    await prepare_namespace(client, retention=RETENTION)
    return client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def time_skipping_client(temporal_client: Client) -> Client:
    """The same, but the workflows it starts jump over their waits.

    Time skipping is experimental: against a server without it this is `temporal_client`, and
    waits take the time they take. Ask `can_skip_time` before a test that waits for days.
    """
    if await can_skip_time(temporal_client):
        return skip_time(temporal_client)
    return temporal_client
