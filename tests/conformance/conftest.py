"""Workers for scenarios: the definitions' own pack on one real server, and a stand-in web."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from conformance.world import World
from petstore import petstore
from task_desk import RING
from tenuto.activities.definitions.pack import pack
from tenuto.activities.http_origins import use_origins
from tenuto.activities.tasks.pack import pack as tasks
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.engine.registration import Registration, load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.trust import trust
from tenuto.testing.fixtures import temporal_client, temporal_server

__all__ = ["temporal_client", "temporal_server"]

_PUBLIC = ("https://petstore.swagger.io", "https://httpbin.org")


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    """The two public services that the kit calls, on loopback."""
    with petstore() as server:
        yield server.url


@pytest.fixture(scope="module")
def settings() -> Iterator[pytest.MonkeyPatch]:
    """Environment variables for all scenarios of a file."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ArtifactStore:
    """Where definitions are deployed."""
    return open_store(str(tmp_path_factory.mktemp("artifacts")))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def registration(
    temporal_client: Client,
    stand_in: str,
    store: ArtifactStore,
    settings: pytest.MonkeyPatch,
) -> AsyncIterator[Registration]:
    """The code of running workers; calls of the public services end on loopback."""
    use_store(store)
    settings.setenv("TENUTO_HTTP_ALLOW", stand_in.removeprefix("http://"))
    use_origins(dict.fromkeys(_PUBLIC, stand_in))
    trust(RING)
    registration = load_registration([pack, tasks])
    async with AsyncExitStack() as running:
        for worker in build_workers(
            temporal_client, registration, WorkerSettings(), is_embedded=True
        ):
            await running.enter_async_context(worker)
        yield registration
    trust(None)
    use_origins(None)
    use_store(None)


@pytest.fixture
def world(
    temporal_client: Client,
    registration: Registration,
    store: ArtifactStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """A scenario's state."""
    return World(
        client=temporal_client,
        registration=registration,
        store=store,
        folder=tmp_path,
        environment=monkeypatch,
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Ends a run of the kit alone with its count, skipped scenarios not among the passed."""
    ran = [
        (outcome, report)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if "test_inv_18_kit" in report.nodeid and report.when == "call"
    ]
    if ran:
        passed = sum(outcome == "passed" for outcome, _ in ran)
        terminalreporter.write_line(f"conformance kit: {passed} passed, {len(ran) - passed} failed")
