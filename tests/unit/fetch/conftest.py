"""A store of its own for every test, and bodies run as the engine runs them."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from tenuto.activities.fetch.http import fetch
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.library.fetch.http import FetchHttpRequest, FetchHttpResult
from tenuto.testing.loopback import LoopbackServer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    """The store that bodies write to."""
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


class HttpFetch:
    """Runs `fetch.http` against a loopback server, one attempt at a time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.beats: list[tuple[Any, ...]] = []

    def __call__(
        self, server: LoopbackServer, path: str = "/table", **fields: Any
    ) -> FetchHttpResult:
        """The result of a first attempt."""
        return self.attempt(FetchHttpRequest(url=f"{server.url}{path}", **fields), server)

    def attempt(
        self, request: FetchHttpRequest, server: LoopbackServer, told: tuple[Any, ...] = ()
    ) -> FetchHttpResult:
        """The result of an attempt that follows one whose last heartbeat was `told`."""
        self._monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, heartbeat_details=list(told))
        environment.on_heartbeat = lambda *details: self.beats.append(details)
        return environment.run(fetch, request)


@pytest.fixture
def fetch_http(store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> HttpFetch:
    """Runs `fetch.http`; its heartbeats are kept in `beats`."""
    return HttpFetch(monkeypatch)
