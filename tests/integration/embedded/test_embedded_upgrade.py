"""A database of another server version: upgraded with its waiting work, or refused.

The dumps are databases as servers 1.29.1 and 1.30.2 left them (`old_databases/make.py`): a
workflow that waits for a signal, a timer, an hourly schedule.
"""

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import (
    Client,
    ScheduleIntervalSpec,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from tenuto.core.errors import CorruptError, DataError, UsageError
from tenuto.engine.embedded import running_server
from tenuto.engine.embedded.binary import find_binary
from tenuto.engine.embedded.database import (
    DATABASE_NAME,
    DatabaseRecord,
    prepare_database,
    read_record,
    record_path,
)
from tenuto.engine.embedded.lock import ServerLock
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.testing import eventually
from waiting.runs import WaitForTime, WaitForWord
from waiting.servers import client_of, worker_of

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

DUMPS = sorted(Path(__file__).parent.glob("old_databases/*.sql.gz"))


@pytest.fixture
def database(state_dir: Path) -> Path:
    state_dir.mkdir()
    return state_dir / DATABASE_NAME


def restore(dump: Path, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(gzip.decompress(dump.read_bytes()).decode())


def record(database: Path, server_version: str) -> None:
    said = DatabaseRecord(server_version=server_version, indexes={})
    record_path(database).write_text(said.model_dump_json(), "utf-8")


def kept_files(database: Path) -> list[Path]:
    return sorted(database.parent.glob(f"{database.name}.server-*Z"))


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
async def test_waiting_work_of_an_older_server_finishes(dump: Path, database: Path) -> None:
    restore(dump, database)
    async with EmbeddedServer(database.parent) as server:
        client = await client_of(server)
        await _searches_find_the_waiting_run(client)
        async with worker_of(client):
            await client.get_workflow_handle("word").signal(WaitForWord.say, "now")
            assert await client.get_workflow_handle("word").result() == "the word is now"
            assert await client.get_workflow_handle("timer").result() >= 60
            await _schedule_fires(client)


async def _searches_find_the_waiting_run(client: Client) -> None:
    queries = ("Desk = 'rates'", "Books = 'south'", "Remark = 'word'", "WorkflowId = 'word'")
    for query in queries:
        assert [run.id async for run in client.list_workflows(query)] == ["word"], query


async def _schedule_fires(client: Client) -> None:
    def every_second(was: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = was.description.schedule
        # From now on: the server ends a schedule with tens of thousands of missed starts, which is
        # what every second since the file was made would be.
        schedule.spec = ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=timedelta(seconds=1))], start_at=datetime.now(UTC)
        )
        return ScheduleUpdate(schedule=schedule)

    handle = client.get_schedule_handle("hourly")
    await handle.update(every_second)

    async def has_run() -> None:
        done = "WorkflowType = 'WaitForTime' AND TemporalScheduledById = 'hourly'"
        runs = [run async for run in client.list_workflows(done)]
        assert any(run.status and run.status.name == "COMPLETED" for run in runs)

    await eventually(has_run)
    await handle.delete()


async def test_standalone_activities_work_after_an_upgrade(database: Path) -> None:
    restore(DUMPS[0], database)
    async with EmbeddedServer(database.parent) as server:
        client = await client_of(server)
        handle = await client.start_activity(  # needs a table that the old file lacks
            "nothing",
            id="standalone",
            task_queue="nobody",
            start_to_close_timeout=timedelta(seconds=5),
        )
        assert (await handle.describe()).activity_type == "nothing"


def prepare(database: Path) -> DatabaseRecord:
    """What every start does with the file before it starts the server."""
    lock = ServerLock(database.parent)
    lock.acquire()
    try:
        return prepare_database(database, find_binary(), lock.descriptor)
    finally:
        lock.release()


def test_the_old_file_is_kept_and_the_version_recorded(database: Path) -> None:
    restore(DUMPS[0], database)
    record(database, "1.29.1")
    with closing(sqlite3.connect(database)) as connection:
        before = list(connection.iterdump())
    upgraded = prepare(database)
    (kept,) = kept_files(database)
    assert kept.name.startswith(f"{DATABASE_NAME}.server-1.29.1.")
    with closing(sqlite3.connect(kept)) as connection:
        assert list(connection.iterdump()) == before
    assert upgraded == read_record(database)
    assert upgraded.server_version == find_binary().server_version
    assert prepare(database) == upgraded
    assert kept_files(database) == [kept], "upgraded once"


def test_an_upgrade_that_fails_changes_nothing(database: Path) -> None:
    restore(DUMPS[0], database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE copy AS SELECT * FROM current_executions")
        connection.execute("DROP TABLE current_executions")
        connection.execute("ALTER TABLE copy RENAME TO current_executions")
        connection.execute("INSERT INTO current_executions SELECT * FROM current_executions")
        connection.commit()
        before = list(connection.iterdump())
    with pytest.raises(DataError, match="UNIQUE") as failed:
        prepare(database)
    assert failed.value.code == "embedded.migration-failed"
    with closing(sqlite3.connect(database)) as connection:
        assert list(connection.iterdump()) == before
    assert {path.name for path in database.parent.iterdir()} == {DATABASE_NAME, "server.lock"}


def test_an_older_version_with_the_same_tables_is_only_recorded(database: Path) -> None:
    made = prepare(database)
    record(database, "1.31.2")
    assert prepare(database) == made == read_record(database)
    assert not kept_files(database)


def test_a_file_recorded_by_a_newer_server_is_refused(database: Path) -> None:
    prepare(database)
    record(database, "1.132.0")
    before = database.read_bytes()
    with pytest.raises(UsageError, match=r"server 1\.132\.0, newer than the installed") as refused:
        prepare(database)
    assert refused.value.code == "embedded.newer-database"
    assert database.read_bytes() == before


async def test_a_refused_file_leaves_no_server_and_no_lock(database: Path) -> None:
    prepare(database)
    record(database, "1.132.0")
    with pytest.raises(UsageError):
        await EmbeddedServer(database.parent).start()
    assert running_server(database.parent) is None
    record(database, "1.31.2")
    prepare(database)


def test_an_unrecorded_file_with_unknown_columns_is_refused(database: Path) -> None:
    prepare(database)
    record_path(database).unlink()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("ALTER TABLE executions ADD COLUMN from_the_future TEXT")
    with pytest.raises(UsageError, match=r"executions\.from_the_future") as refused:
        prepare(database)
    assert refused.value.code == "embedded.newer-database"
    assert not kept_files(database)


async def test_a_half_made_database_is_made_anew(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE namespaces(partition_id INTEGER NOT NULL)")
    async with EmbeddedServer(database.parent) as server:
        client = await client_of(server)
        await client.start_workflow(WaitForTime.run, 1.0, id="fine", task_queue="nobody")
    assert kept_files(database)


def test_a_preparation_that_was_killed_is_done_again(database: Path) -> None:
    left_over = database.with_name(f"{DATABASE_NAME}.preparing")
    left_over.mkdir()
    (left_over / "fresh.db").write_bytes(b"half a database")
    prepare(database)
    assert not left_over.exists()


def test_what_is_no_database_is_refused_and_left_alone(database: Path) -> None:
    database.write_bytes(b"my diary, not a database" * 100)
    with pytest.raises(CorruptError) as refused:
        prepare(database)
    assert refused.value.code == "embedded.database-unreadable"
    assert database.read_bytes().startswith(b"my diary")


def test_a_database_open_elsewhere_is_not_replaced(database: Path) -> None:
    restore(DUMPS[0], database)
    with closing(sqlite3.connect(database, isolation_level=None)) as reader:
        reader.execute("PRAGMA journal_mode = WAL")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM executions").fetchone()
        with pytest.raises(UsageError, match="open in another process") as refused:
            prepare(database)
        assert refused.value.code == "embedded.database-in-use"
    assert not kept_files(database)
    prepare(database)


def test_a_broken_record_is_refused_with_the_remedy(database: Path) -> None:
    made = prepare(database)
    record_path(database).write_text(json.dumps({"server_version": 7}), "utf-8")
    with pytest.raises(CorruptError, match="Delete it") as refused:
        prepare(database)
    assert refused.value.code == "embedded.record-unreadable"
    record_path(database).unlink()
    assert prepare(database) == made


async def test_a_stale_log_beside_a_missing_database_is_not_replayed(database: Path) -> None:
    async with EmbeddedServer(database.parent) as server:
        client = await client_of(server)
        await client.start_workflow(WaitForTime.run, 1.0, id="old", task_queue="nobody")
        log = database.with_name(f"{database.name}-wal").read_bytes()
    database.unlink()
    database.with_name(f"{database.name}-wal").write_bytes(log)
    async with EmbeddedServer(database.parent) as server:
        client = await client_of(server)
        assert not [run.id async for run in client.list_workflows("WorkflowId = 'old'")]
