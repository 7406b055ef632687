"""A backup taken under a running server is a whole database, and a server runs on it."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from temporalio.client import Client

from tenuto.core.errors import DataError, UsageError
from tenuto.engine.embedded.database import DATABASE_NAME, backup, record_path
from tenuto.engine.embedded.server import EmbeddedServer
from waiting.runs import QUEUE, WaitForTime, WaitForWord
from waiting.servers import client_of, worker_of


async def start_waiting(client: Client, name: str) -> None:
    await client.start_workflow(WaitForWord.run, name, id=name, task_queue=QUEUE)


@pytest.mark.chaos
async def test_a_server_on_the_backup_finishes_what_waited(
    server: EmbeddedServer, state_dir: Path, tmp_path: Path
) -> None:
    client = await client_of(server)
    copy = tmp_path / "restored" / DATABASE_NAME
    async with worker_of(client):
        for number in range(10):
            await start_waiting(client, f"waiting-{number}")
        busy = asyncio.gather(
            *(
                client.execute_workflow(WaitForTime.run, 0.05, id=f"busy-{n}", task_queue=QUEUE)
                for n in range(20)
            )
        )
        await asyncio.to_thread(backup, state_dir / DATABASE_NAME, copy)
        assert len(await busy) == 20, "running workflows are not disturbed"
        await start_waiting(client, "after-the-backup")
    assert record_path(copy).exists()

    async with EmbeddedServer(copy.parent) as restored:
        client = await client_of(restored)
        async with worker_of(client):
            runs = [client.get_workflow_handle(f"waiting-{number}") for number in range(10)]
            for run in runs:
                await run.signal(WaitForWord.say, "done")
            for run in runs:
                assert await run.result() == f"{run.id} done"
        missing = "WorkflowId = 'after-the-backup'"
        assert (await client.count_workflows(missing)).count == 0


async def test_a_backup_is_one_sound_private_file(
    server: EmbeddedServer, state_dir: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "backups" / "monday.db"
    backup(state_dir / DATABASE_NAME, copy)
    assert {path.name for path in copy.parent.iterdir()} == {copy.name, record_path(copy).name}
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_backup_overwrites_nothing(server: EmbeddedServer, state_dir: Path) -> None:
    copy = state_dir / "copy.db"
    copy.write_text("precious", "utf-8")
    with pytest.raises(UsageError) as refused:
        backup(state_dir / DATABASE_NAME, copy)
    assert refused.value.code == "embedded.backup-exists"
    assert copy.read_text("utf-8") == "precious"


def test_what_is_no_database_is_not_backed_up(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"my diary, not a database" * 100)
    with pytest.raises(DataError, match="not a database") as failed:
        backup(tmp_path / DATABASE_NAME, tmp_path / "copy.db")
    assert failed.value.code == "embedded.backup-failed"
    assert {path.name for path in tmp_path.iterdir()} == {DATABASE_NAME}


def test_nothing_to_back_up_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        backup(tmp_path / DATABASE_NAME, tmp_path / "copy.db")
    assert refused.value.code == "embedded.no-database"
