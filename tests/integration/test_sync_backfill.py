"""Backfills beside regular syncs: batch by batch, resumed where they were, no cursor moved."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from sample.servers import KillableServer
from sync_desk import SyncDesk, sync_desk
from tenuto.packs.sync.backfill.catalog import sync_backfill
from tenuto.packs.sync.backfill.models import BackfillProgress, BackfillRequest, BackfillResult
from tenuto.packs.sync.models import Window
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


@pytest_asyncio.fixture
async def desk(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> AsyncIterator[SyncDesk]:
    async with sync_desk(tmp_path, own_client, own_server.address) as desk:
        yield desk


def _asked(desk: SyncDesk, kind: str) -> list[str]:
    log = desk.folder / "asked"
    lines = log.read_text().splitlines() if log.exists() else []
    return [line.split()[1] for line in lines if line.startswith(kind)]


@pytest.mark.parametrize("batches", [3, pytest.param(10, marks=pytest.mark.chaos)])
async def test_sig_11_killed_at_batch_3_it_resumes_at_3(desk: SyncDesk, batches: int) -> None:
    desk.source("days", "days", config={"hold": "2026-01-03"})
    first = await desk.worker("--is-killed")
    request = BackfillRequest(
        source_name="days", start=date(2026, 1, 1), end=date(2026, 1, batches), batch_days=1
    )
    run = await desk.client.start_workflow(
        sync_backfill.type_name,
        request,
        id="sync-days-backfill",
        task_queue=sync_backfill.queue,
        result_type=BackfillResult,
        search_attributes=sync_backfill.filled_search_attributes(request),
    )

    def is_at_batch_3() -> None:
        assert _asked(desk, "window")[-1:] == ["2026-01-03"]

    await eventually(is_at_batch_3, timeout_s=60)
    progress: BackfillProgress = await run.query("progress", result_type=BackfillProgress)
    third = Window(start=date(2026, 1, 3), end=date(2026, 1, 3))
    assert progress == BackfillProgress(done=2, total=batches, current=third, rows=2)
    regular = await desk.sync("days")  # while the backfill is in the middle of a batch
    assert regular.row_counts == {"days": 12}
    await first.kill()
    (desk.folder / "go-on").touch()
    await desk.worker("--is-killed")
    result = await run.result()
    january = [f"2026-01-{number:02}" for number in range(1, batches + 1)]
    assert _asked(desk, "window") == [*january[:3], *january[2:]]
    assert result.row_counts == {"days": batches}
    await desk.sync("days")
    assert _asked(desk, "regular") == ["2026-01-20", "2026-01-31"]  # its cursor, and no other's
    assert desk.rows("days", "SELECT count(*), count(DISTINCT day) FROM days") == [
        (12 + batches,) * 2
    ]
