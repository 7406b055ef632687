"""One server per database: a kernel lock that also says where the running server answers."""

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from tenuto.core.errors import CorruptError, UsageError
from tenuto.core.records import Record

LOCK_NAME = "server.lock"

_POLL_S = 0.02
_PASSING_S = 0.5
"""Longer than any reader of the lock holds it."""
_DYING_S = 10.0
"""Longer than a server takes to end once its owner is gone."""


class ServerInfo(Record):
    """Where a running embedded server answers."""

    address: str
    """`host:port` of the gRPC frontend."""
    ui_url: str | None
    """Temporal's own web page, or None without one."""
    metrics_address: str
    """`host:port` of Prometheus text at `/metrics`."""
    pid: int
    """The server process."""
    owner_pid: int
    """The process that started it and that it ends with."""
    cli_version: str
    server_version: str
    started_at: AwareDatetime


def running_server(state_dir: Path) -> ServerInfo | None:
    """The server that runs on `state_dir` now, started by whatever process; None without one.

    A server killed in any way is not running: the kernel freed its lock. One that is still
    starting is not running yet.
    """
    try:
        descriptor = os.open(state_dir / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        return None if _try_lock(descriptor, fcntl.LOCK_SH) else _read(descriptor, state_dir)
    finally:
        os.close(descriptor)


class ServerLock:
    """Held while a server may write to the database of `state_dir`.

    The lock belongs to the open file, so the server's own processes share it through
    `descriptor`: it is free only when the last of them is gone, not when the owner is.
    """

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self.descriptor = os.open(
            state_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        self._is_held = False

    def acquire(self) -> None:
        """Takes the lock, ending a server whose owner is gone.

        Raises UsageError naming process and address when a server runs here.
        """
        if not self._wait(_PASSING_S):
            self._take_over()
        self._is_held = True
        os.ftruncate(self.descriptor, 0)

    def publish(self, info: ServerInfo) -> None:
        """Tells other processes where the server answers."""
        os.pwrite(self.descriptor, info.model_dump_json().encode(), 0)

    def release(self) -> None:
        """Gives the lock up, if this process has it, and closes its file."""
        if self._is_held:
            os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)

    def _take_over(self) -> None:
        running = _read(self.descriptor, self._state_dir)
        if running is None or _is_alive(running.owner_pid):
            raise _already_running(self._state_dir, running)
        if not self._wait(_PASSING_S):
            _end_orphan(running)
        if not self._wait(_DYING_S):
            raise _already_running(self._state_dir, running)

    def _wait(self, patience_s: float) -> bool:
        deadline = time.monotonic() + patience_s
        while not _try_lock(self.descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(descriptor: int, state_dir: Path) -> ServerInfo | None:
    text = os.pread(descriptor, 65536, 0)
    if not text:
        return None
    try:
        return ServerInfo.model_validate_json(text)
    except ValidationError as error:
        raise CorruptError(
            f"{state_dir / LOCK_NAME} is held, but does not say by which server: another version"
            " of Tenuto wrote it, or something else did. Stop that server, then start again.",
            code="embedded.lock-unreadable",
        ) from error


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end_orphan(server: ServerInfo) -> None:
    """Kills a server that outlived owner and guard, if its process is still that server."""
    command = _command_of(server.pid)
    port = server.address.rpartition(":")[2]
    if "start-dev" in command and f"--port {port} " in command:
        os.kill(server.pid, signal.SIGKILL)


def _command_of(pid: int) -> str:
    """Its command line, or nothing for a process that is gone."""
    if Path("/proc/self").exists():  # small images have no `ps`
        try:
            return Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")
        except OSError:
            return ""
    asked = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def _already_running(state_dir: Path, running: ServerInfo | None) -> UsageError:
    if running is None:
        return UsageError(
            f"Another process is starting or upgrading the server of {state_dir}. Wait for it.",
            code="embedded.already-running",
        )
    return UsageError(
        f"A server already runs on {state_dir}: process {running.owner_pid} started it at"
        f" {running.started_at:%Y-%m-%d %H:%M} UTC, it answers at {running.address}. Use it, or"
        f" stop it first (`kill {running.owner_pid}`).",
        code="embedded.already-running",
        details={"pid": running.owner_pid, "address": running.address},
    )
