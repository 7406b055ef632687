"""A room for sources, and a clock that nobody has to wait for."""

from functools import partial
from pathlib import Path

import pytest

from sync_room import Room
from tenuto.activities.fetch.http_pace import Pace
from tenuto.packs.sync.sources import session


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept = 0.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(tmp_path, monkeypatch)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(session, "Pace", partial(Pace, clock=clock.read, sleep=clock.sleep))
    return clock
