"""Bodies run as the engine runs them, against servers on loopback."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from tenuto.activities.definitions.call_http import call_http
from tenuto.activities.definitions.kept_tokens import kept_tokens
from tenuto.catalog.library.definitions.http import HttpCall
from tenuto.testing.loopback import LoopbackServer

Body = Callable[[Any], Any]


class Attempt:
    """Runs one attempt at a body and keeps its heartbeats."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.beats: list[tuple[Any, ...]] = []
        self.start_to_close = timedelta(seconds=20)

    def allow(self, *servers: LoopbackServer) -> None:
        """Lets the guarded client reach `servers`."""
        targets = ",".join(
            f"{host}:{each.port}" for each in servers for host in ("127.0.0.1", "localhost")
        )
        self._monkeypatch.setenv("TENUTO_HTTP_ALLOW", targets)

    def __call__(self, body: Body, call: Any, *, number: int = 1, told: Any = None) -> Any:
        """What attempt `number` returns, the one before having last said `told`."""
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(
            environment.info,
            attempt=number,
            heartbeat_details=[] if told is None else [told],
            start_to_close_timeout=self.start_to_close,
        )
        self.beats = []
        environment.on_heartbeat = lambda *details: self.beats.append(details)
        return environment.run(body, call)


@pytest.fixture
def attempt(monkeypatch: pytest.MonkeyPatch) -> Attempt:
    """Runs one attempt at a body: `attempt(body, call, number=2, told={...})`."""
    kept_tokens.clear()
    return Attempt(monkeypatch)


@pytest.fixture
def ask(attempt: Attempt) -> Callable[..., Any]:
    """What `call.http` gives for one request to a server: `ask(server, "/path", method="post")`."""

    def asked(server: LoopbackServer, path: str = "/", **fields: Any) -> Any:
        attempt.allow(server)
        how = {name: fields.pop(name) for name in ("number", "told") if name in fields}
        endpoint = {"uri": f"{server.url}{path}"}
        if "authentication" in fields:
            endpoint["authentication"] = fields.pop("authentication")
        call = HttpCall.model_validate({"method": "get", "endpoint": endpoint, **fields})
        return attempt(call_http, call, **how).root

    return asked
