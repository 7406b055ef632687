"""The guard ends what it guards with its owner, and keeps the log small."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tenuto.engine.embedded import guard
from tenuto.testing import eventually

LOOP = "import signal, sys, time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def start(command: list[str], log: Path) -> tuple[subprocess.Popen[bytes], int]:
    shared = os.open(log.parent, os.O_RDONLY)
    guarding = subprocess.Popen(
        guard.guarded(command, log=log, lock_descriptor=shared),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[shared],
    )
    os.close(shared)
    assert guarding.stdout
    return guarding, int(guarding.stdout.readline() or 0)


async def is_up(log: Path) -> None:
    def check() -> None:
        assert "up" in log.read_text("utf-8")

    await eventually(check)


async def test_a_byte_asks_the_server_to_stop(log: Path) -> None:
    stopping = LOOP.replace("print", "signal.signal(15, lambda *_: sys.exit(7)); print")
    guarding, _ = start([sys.executable, "-c", stopping], log)
    with guarding:
        await is_up(log)
        assert guarding.stdin
        guarding.stdin.write(b".")
        guarding.stdin.flush()
        assert guarding.wait(20) == 7


async def test_the_end_of_the_pipe_kills_even_what_ignores_signals(log: Path) -> None:
    deaf = LOOP.replace("print", "signal.signal(15, signal.SIG_IGN); print")
    guarding, server = start([sys.executable, "-c", deaf], log)
    with guarding:
        await is_up(log)
        assert guarding.stdin
        guarding.stdin.close()
        assert guarding.wait(20) == 128 + signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_what_cannot_be_started_is_said_in_the_log(log: Path) -> None:
    guarding, server = start(["/no/such/program"], log)
    with guarding:
        assert guarding.wait(20) == 127
    assert server == 0
    assert "/no/such/program" in log.read_text("utf-8")


def test_a_log_above_the_cap_is_moved_under_a_writer(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LOG_CAP_BYTES", 100)
    with log.open("ab", buffering=0) as writer:
        writer.write(b"a" * 100)
        guard.roll(log)
        assert log.stat().st_size == 100, "at the cap it stays"
        writer.write(b"b")
        guard.roll(log)
        writer.write(b"c")
    assert log.read_bytes() == b"c"
    assert Path(f"{log}.1").read_bytes() == b"a" * 100 + b"b"


def test_a_missing_log_is_nothing_to_roll(log: Path) -> None:
    guard.roll(log)
    assert not log.exists()
