"""A worker killed in the middle of a load: every row is there once, and nothing is left behind."""

import fcntl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from temporalio.client import Client

from sample.servers import KillableServer
from sync_desk import SyncDesk, are_gone, sync_desk
from tenuto.testing import eventually

PAGES, ROWS = 4, 1_000


@pytest_asyncio.fixture
async def desk(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> AsyncIterator[SyncDesk]:
    async with sync_desk(tmp_path, own_client, own_server.address, missed_after_s=2) as desk:
        yield desk


async def test_sig_4_a_killed_worker_leaves_no_process_and_its_rows_are_there_once(
    desk: SyncDesk,
) -> None:
    held = {"rows": ROWS, "pages": PAGES, "hold": "go-on"}
    desk.source("events", "events", config=held)
    first = await desk.worker()
    run = await desk.start("events")
    sync = desk.folder / ".tenuto" / "sync"
    await eventually(lambda: is_there(desk.folder / "extractions"))
    with writer(sync / "locks").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # so that it is extracted, normalized, and not loaded
        (desk.folder / "go-on").touch()
        pipeline = sync / "pipelines" / "events"
        await eventually(lambda: is_one(pipeline / "load" / "normalized"))
        loader = children_of(first.pid)
        await first.kill()
        await eventually(lambda: are_gone(loader))
    await desk.worker()
    result = await run.result()
    assert result.row_counts == {"events": PAGES * ROWS}
    counted = "SELECT count(*), count(DISTINCT id), count(DISTINCT _dlt_load_id) FROM events"
    assert desk.rows("events", counted) == [(PAGES * ROWS, PAGES * ROWS, 1)]
    assert len((desk.folder / "extractions").read_text().splitlines()) == 1


def is_there(path: Path) -> None:
    assert path.exists()


def is_one(folder: Path) -> None:
    assert len(list(folder.glob("*"))) == 1


def writer(locks: Path) -> Path:
    (found,) = locks.glob("*.writer")
    return found


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(each) for task in tasks for each in task.read_text().split()]
    assert found
    return found
