"""Servers of their own for tests that kill, upgrade, or misuse them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.testing.fixtures import time_skipping_client as time_skipping_client


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
async def server(state_dir: Path) -> AsyncIterator[EmbeddedServer]:
    """A durable server on `state_dir`, started."""
    server = EmbeddedServer(state_dir)
    await server.start()
    yield server
    await server.stop(grace=timedelta(0))
