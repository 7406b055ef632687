"""The lock of a state folder: one holder, readable by others, freed by the kernel."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tenuto.core.errors import CorruptError, UsageError
from tenuto.engine.embedded import ServerInfo, running_server
from tenuto.engine.embedded.lock import LOCK_NAME, ServerLock

INFO = ServerInfo(
    address="127.0.0.1:7233",
    ui_url=None,
    metrics_address="127.0.0.1:9090",
    pid=os.getpid(),
    owner_pid=os.getpid(),
    cli_version="1.9.1",
    server_version="1.32.0",
    started_at=datetime(2026, 3, 31, 18, 30, tzinfo=UTC),
)


def held(state_dir: Path) -> ServerLock:
    lock = ServerLock(state_dir)
    try:
        lock.acquire()
    except UsageError:
        lock.release()
        raise
    return lock


def test_nothing_runs_where_nothing_was_started(tmp_path: Path) -> None:
    assert running_server(tmp_path) is None
    assert running_server(tmp_path / "missing") is None
    assert list(tmp_path.iterdir()) == [], "asking leaves no trace"


def test_a_held_lock_tells_where_the_server_answers(tmp_path: Path) -> None:
    lock = held(tmp_path)
    assert running_server(tmp_path) is None, "still starting"
    lock.publish(INFO)
    assert running_server(tmp_path) == INFO
    lock.release()
    assert running_server(tmp_path) is None


def test_a_second_holder_is_refused_with_process_and_address(tmp_path: Path) -> None:
    lock = held(tmp_path)
    lock.publish(INFO)
    with pytest.raises(UsageError) as refused:
        held(tmp_path)
    assert refused.value.code == "embedded.already-running"
    assert refused.value.details == {"pid": os.getpid(), "address": "127.0.0.1:7233"}
    assert f"process {os.getpid()} started it at 2026-03-31 18:30 UTC" in str(refused.value)
    assert running_server(tmp_path) == INFO, "the refused one changed nothing"
    lock.release()
    held(tmp_path).release()


def test_a_holder_that_is_still_starting_is_respected(tmp_path: Path) -> None:
    lock = held(tmp_path)
    with pytest.raises(UsageError, match="starting or upgrading") as refused:
        held(tmp_path)
    assert refused.value.code == "embedded.already-running"
    lock.release()


def test_the_lock_lives_as_long_as_any_process_that_shares_it(tmp_path: Path) -> None:
    lock = held(tmp_path)
    lock.publish(INFO)
    child = subprocess.Popen(["sleep", "60"], pass_fds=[lock.descriptor])
    os.close(lock.descriptor)
    assert running_server(tmp_path) == INFO
    child.kill()
    child.wait()
    assert running_server(tmp_path) is None


def test_the_entry_of_a_killed_holder_is_not_believed(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path;"
        " from tenuto.engine.embedded.lock import ServerInfo, ServerLock;"
        " lock = ServerLock(Path(sys.argv[1])); lock.acquire();"
        " lock.publish(ServerInfo.model_validate_json(sys.argv[2]));"
        " print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path, INFO.model_dump_json()], stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline()
        assert running_server(tmp_path) == INFO
        holder.send_signal(signal.SIGKILL)
    assert (tmp_path / LOCK_NAME).read_text("utf-8"), "the entry is still there"
    assert running_server(tmp_path) is None
    held(tmp_path).release()


def test_a_lock_held_by_something_else_is_not_guessed_at(tmp_path: Path) -> None:
    lock = held(tmp_path)
    os.pwrite(lock.descriptor, b'{"address": "here"}', 0)
    with pytest.raises(CorruptError) as refused:
        running_server(tmp_path)
    assert refused.value.code == "embedded.lock-unreadable"
    lock.release()
