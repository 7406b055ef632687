"""kill -9 of any process around the server: nothing acknowledged is lost, nothing is left over."""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tenuto.core.errors import UnreachableError
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded import ServerInfo, running_server
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.testing import eventually
from waiting import owner_process
from waiting.runs import QUEUE, WaitForWord
from waiting.servers import client_of, worker_of


@pytest.fixture
async def owner(state_dir: Path) -> AsyncIterator[Process]:
    """Another process that started a server on `state_dir`."""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, Path(owner_process.__file__), state_dir, stdout=PIPE
    )
    assert owner.stdout
    assert await owner.stdout.readline(), "it started"
    yield owner
    if owner.returncode is None:
        owner.kill()
    await owner.wait()


def parent_of(pid: int) -> int:
    return int(_status(pid)[1])


def is_gone(pid: int) -> None:
    assert _status(pid)[0] in ("", "Z"), "the process still runs"


def _status(pid: int) -> tuple[str, str]:
    """State letter and parent of a process; empty for one that is gone."""
    if Path("/proc/self").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
        except OSError:
            return "", ""
    else:
        asked = ["ps", "-o", "stat=,ppid=", "-p", str(pid)]
        fields = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
    return (fields[0][0], fields[1]) if fields else ("", "")


async def kill_owner(owner: Process) -> None:
    owner.kill()
    await owner.wait()


def running_on(state_dir: Path) -> ServerInfo:
    server = running_server(state_dir)
    assert server
    return server


async def test_a_killed_server_starts_again_with_every_acknowledged_run(
    server: EmbeddedServer, state_dir: Path
) -> None:
    client = await client_of(server)
    acknowledged = []

    async def start_many() -> None:
        number = 0
        while True:
            name = f"run-{number}"
            await client.start_workflow(WaitForWord.run, name, id=name, task_queue=QUEUE)
            acknowledged.append(name)
            number += 1

    starting = asyncio.create_task(start_many())

    def some_are_acknowledged() -> None:
        assert len(acknowledged) >= 20

    await eventually(some_are_acknowledged)
    os.kill(server.info.pid, signal.SIGKILL)
    with pytest.raises(UnreachableError):
        await server.exited()
    kept = list(acknowledged)
    starting.cancel()
    await asyncio.wait([starting])

    async with EmbeddedServer(state_dir) as again:
        client = await client_of(again)
        async with worker_of(client):
            for name in kept:
                await client.get_workflow_handle(name).signal(WaitForWord.say, "on")
            results = [await client.get_workflow_handle(name).result() for name in kept]
    assert results == [f"{name} on" for name in kept]


async def test_a_killed_owner_takes_its_server_along(owner: Process, state_dir: Path) -> None:
    server = running_on(state_dir)
    guard = parent_of(server.pid)
    await kill_owner(owner)
    await eventually(lambda: is_gone(server.pid))
    await eventually(lambda: is_gone(guard))
    assert running_server(state_dir) is None


async def test_the_lock_of_a_killed_owner_is_taken_over(owner: Process, state_dir: Path) -> None:
    before = running_on(state_dir)
    await kill_owner(owner)
    assert (state_dir / "server.lock").read_text(), "the dead server's entry is still there"
    async with EmbeddedServer(state_dir) as server:
        assert running_server(state_dir) == server.info
        assert server.info.pid != before.pid


async def test_a_killed_guard_ends_the_server_and_is_reported(server: EmbeddedServer) -> None:
    os.kill(parent_of(server.info.pid), signal.SIGKILL)
    with pytest.raises(UnreachableError):
        await server.exited()
    await eventually(lambda: is_gone(server.info.pid))


async def test_an_orphan_of_killed_owner_and_guard_is_ended_by_the_next_start(
    owner: Process, state_dir: Path
) -> None:
    orphan = running_on(state_dir)
    # Stopped first, so that the owner cannot end the server when it sees the guard go.
    owner.send_signal(signal.SIGSTOP)
    os.kill(parent_of(orphan.pid), signal.SIGKILL)
    await kill_owner(owner)
    assert _status(orphan.pid)[0] not in ("", "Z"), "the server outlived both"
    async with EmbeddedServer(state_dir) as server:
        assert server.info.pid != orphan.pid
        is_gone(orphan.pid)


async def test_runs_of_a_killed_owner_go_on_under_the_next(owner: Process, state_dir: Path) -> None:
    client = await connect(Target(address=running_on(state_dir).address, origin="embedded"))
    await client.start_workflow(WaitForWord.run, "went", id="went", task_queue=QUEUE)
    await kill_owner(owner)
    async with EmbeddedServer(state_dir) as server:
        client = await client_of(server)
        async with worker_of(client):
            run = client.get_workflow_handle("went")
            await run.signal(WaitForWord.say, "on")
            assert await run.result() == "went on"
