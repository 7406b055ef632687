"""What the tests of the channels share: bodies run as the engine runs them, settings put away."""

import dataclasses
import os
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    """Runs a body as one attempt of an activity: `run(body, request, attempt=2, known=[...])`."""

    def attempt(body: Any, request: Any, attempt: int = 1, known: tuple[Any, ...] = ()) -> Any:
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(
            environment.info, attempt=attempt, heartbeat_details=known
        )
        beats: list[tuple[Any, ...]] = []
        environment.on_heartbeat = lambda *details: beats.append(details)
        try:
            return environment.run(body, request)
        finally:
            attempt_beats[:] = beats

    attempt_beats: list[tuple[Any, ...]] = []
    attempt.beats = attempt_beats  # type: ignore[attr-defined]
    return attempt


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker without any setting of the channels."""
    for name in list(os.environ):
        if name.startswith(("TENUTO_NOTIFY_", "TENUTO_SMTP_", "TENUTO_SMS_", "TENUTO_HTTP_")):
            monkeypatch.delenv(name)
