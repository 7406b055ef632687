"""One server per folder: found by others, refused twice, stopped in order, its end noticed."""

import asyncio
import os
import re
import signal
import socket
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from tenuto.core.errors import UnreachableError, UsageError
from tenuto.engine.embedded import running_server
from tenuto.engine.embedded.database import DATABASE_NAME
from tenuto.engine.embedded.ports import HOST
from tenuto.engine.embedded.server import LOG_NAME, EmbeddedServer
from waiting.runs import QUEUE, WaitForTime
from waiting.servers import client_of, worker_of


async def test_a_first_start_runs_a_workflow(server: EmbeddedServer) -> None:
    client = await client_of(server)
    async with worker_of(client):
        took = await client.execute_workflow(WaitForTime.run, 0.1, id="short", task_queue=QUEUE)
    assert took >= 0.1


async def test_other_processes_find_the_running_server(
    server: EmbeddedServer, state_dir: Path
) -> None:
    found = running_server(state_dir)
    assert found == server.info
    assert found.owner_pid == os.getpid()
    os.kill(found.pid, 0)
    await server.stop()
    assert running_server(state_dir) is None


async def test_metrics_and_the_web_page_answer_where_the_info_says(state_dir: Path) -> None:
    async with EmbeddedServer(state_dir, ui_port=0) as server:
        assert server.info.ui_url
        for url in (f"http://{server.info.metrics_address}/metrics", server.info.ui_url):
            with await asyncio.to_thread(urlopen, url) as answer:
                assert answer.status == 200


async def test_headless_has_no_web_page(server: EmbeddedServer) -> None:
    assert server.info.ui_url is None


async def test_a_second_start_is_refused_naming_process_and_address(
    server: EmbeddedServer, state_dir: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        await EmbeddedServer(state_dir).start()
    assert refused.value.code == "embedded.already-running"
    assert server.info.address in str(refused.value)
    assert f"process {os.getpid()} " in str(refused.value)
    await client_of(server)  # the first one is not disturbed


@pytest.mark.parametrize(
    ("argument", "setting"),
    [
        ("port", "embedded.port"),
        ("metrics_port", "embedded.metrics_port"),
        ("ui_port", "embedded.ui_port"),
    ],
)
async def test_a_port_in_use_is_named_with_its_setting(
    state_dir: Path, argument: str, setting: str
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=re.escape(f"`{setting}`")) as refused:
            await EmbeddedServer(state_dir, **{argument: port}).start()
    assert refused.value.code == "embedded.port-in-use"
    assert f"Port {port}" in str(refused.value)
    assert running_server(state_dir) is None
    assert not (state_dir / LOG_NAME).exists(), "no server was started"


async def test_a_stopped_server_leaves_one_complete_file(state_dir: Path) -> None:
    async with EmbeddedServer(state_dir) as server:
        client = await client_of(server)
        await client.start_workflow("Nobody", id="kept", task_queue="nobody")
    assert not (state_dir / f"{DATABASE_NAME}-wal").exists()
    with closing(sqlite3.connect(state_dir / DATABASE_NAME)) as connection:
        runs = connection.execute("SELECT workflow_id FROM executions").fetchall()
    assert "kept" in {str(row[0]) for row in runs}


@pytest.mark.chaos
async def test_stopping_is_no_error_while_somebody_reads_the_database(state_dir: Path) -> None:
    async with EmbeddedServer(state_dir) as server:
        client = await client_of(server)
        await client.start_workflow("Nobody", id="kept", task_queue="nobody")
        reader = sqlite3.connect(state_dir / DATABASE_NAME, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM executions").fetchone()
    reader.close()
    async with EmbeddedServer(state_dir) as again:
        described = await (await client_of(again)).get_workflow_handle("kept").describe()
    assert described.id == "kept"


async def test_a_folder_that_cannot_be_written_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    with pytest.raises(UsageError, match="`state_dir`") as refused:
        await EmbeddedServer(tmp_path / "file" / "state").start()
    assert refused.value.code == "embedded.state-folder"


async def test_state_is_private_to_its_user(server: EmbeddedServer, state_dir: Path) -> None:
    assert state_dir.stat().st_mode & 0o777 == 0o700
    for file in (DATABASE_NAME, f"{DATABASE_NAME}-wal", LOG_NAME, "server.lock"):
        assert (state_dir / file).stat().st_mode & 0o077 == 0, file


async def test_an_unexpected_end_is_reported_with_the_last_words(
    server: EmbeddedServer, state_dir: Path
) -> None:
    with (state_dir / LOG_NAME).open("a") as log:
        log.write("words before the end\n")
    os.kill(server.info.pid, signal.SIGKILL)
    with pytest.raises(UnreachableError, match="words before the end") as died:
        await server.exited()
    assert died.value.code == "embedded.server-died"
    assert died.value.details["exit_code"] == 128 + signal.SIGKILL
    assert running_server(state_dir) is None


async def test_a_stop_that_was_asked_for_is_no_error(server: EmbeddedServer) -> None:
    await server.stop()
    await server.exited()
    await server.stop()


async def test_a_cancelled_start_leaves_nothing_running(state_dir: Path) -> None:
    start = asyncio.create_task(EmbeddedServer(state_dir).start())
    while not (state_dir / LOG_NAME).exists():  # noqa: ASYNC110 (looking less often, the start may be over)
        await asyncio.sleep(0)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    async with EmbeddedServer(state_dir):
        assert running_server(state_dir)


async def test_a_server_that_cannot_start_says_why(state_dir: Path) -> None:
    async with EmbeddedServer(state_dir):
        pass
    (state_dir / DATABASE_NAME).chmod(0o600)
    with closing(sqlite3.connect(state_dir / DATABASE_NAME)) as connection:
        connection.execute("DROP TABLE namespaces")
    with pytest.raises(UnreachableError, match="namespaces") as failed:
        await EmbeddedServer(state_dir).start()
    assert failed.value.code == "embedded.server-died"
    assert running_server(state_dir) is None


async def test_stopping_without_grace_is_immediate_and_loses_nothing(state_dir: Path) -> None:
    server = EmbeddedServer(state_dir)
    await server.start()
    client = await client_of(server)
    await client.start_workflow("Nobody", id="kept", task_queue="nobody")
    await server.stop(grace=timedelta(0))
    async with EmbeddedServer(state_dir) as again:
        described = await (await client_of(again)).get_workflow_handle("kept").describe()
    assert described.status
