"""Syncs on a real engine: retries, time-outs, notices, counts, and what remains of each."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.common import SearchAttributeKey

from postgres import PASSWORD, Postgres, postgres
from sync_desk import TOKEN, SyncDesk, are_gone, sync_desk
from tenuto.engine.embedded import ServerInfo
from tenuto.packs.sync.catalog import QUEUE, scheduled_sync
from tenuto.packs.sync.models import (
    MergeCounts,
    ScheduledSyncRequest,
    ScheduledSyncResult,
    SyncSourceRequest,
)
from tenuto.testing import eventually

__all__ = ["postgres"]

SOON = {"wait": "PT0.1S"}
"""Everything else of `retry` as it is by default."""
ONCE = {"attempts": 1}
Runs = dict[str, WorkflowHandle[Any, Any]]
STATUS = SearchAttributeKey.for_keyword("TenutoStatus")


@pytest_asyncio.fixture(scope="module")
async def desk(
    temporal_server: ServerInfo,
    temporal_client: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[SyncDesk]:
    folder = tmp_path_factory.mktemp("sync")
    async with sync_desk(folder, temporal_client, temporal_server.address) as desk:
        token = {"token": "secret://env/SOURCE_TOKEN"}
        clears = {"name": "clears", "failures": 2}
        lasts = {"name": "lasts", "failures": 99}
        desk.source("clears", "failing", config=clears, retry=SOON)
        desk.source("lasts", "failing", config=lasts, secrets=token, retry=SOON)
        slow = {"name": "slow", "seconds": 60}
        desk.source("slow", "blocking", config=slow, retry=ONCE, timeout="2 seconds")
        for name, other in (("left", "right"), ("right", "left")):
            desk.source(name, "meeting", config={"name": name, "other": other})
        desk.source("held", "blocking", config={"name": "held", "seconds": 120})
        desk.source("fine", "events")
        desk.source("orders", "orders")
        desk.source("nothing", "empty")
        await desk.worker()
        yield desk


@pytest_asyncio.fixture(scope="module")
async def runs(desk: SyncDesk) -> Runs:
    """Runs that are on their way while the first tests wait for theirs."""
    asked = ("clears", "lasts", "nothing", "left", "right")
    started: Runs = {each: await desk.start(each) for each in asked}
    sources = tuple(SyncSourceRequest(source_name=each) for each in ("slow", "gone", "fine"))
    started["scheduled"] = await desk.client.start_workflow(
        scheduled_sync.type_name,
        ScheduledSyncRequest(sources=sources),
        id=f"scheduled-{uuid.uuid4()}",
        task_queue=QUEUE,
        result_type=ScheduledSyncResult,
    )
    return started


def mails_about(desk: SyncDesk, source: str) -> list[str]:
    texts = [each.message.get_body(("plain",)) for each in desk.mail.received]
    found = ["\n".join(each.get_content().splitlines()) for each in texts if each is not None]
    return [each for each in found if f": {source}\n" in each]


async def attempts(run: WorkflowHandle[Any, Any]) -> int:
    """Of the load, as the history counts them."""
    history = await run.fetch_history()
    loads = {
        each.event_id
        for each in history.events
        if each.activity_task_scheduled_event_attributes.activity_type.name == "sync.load_source"
    }
    return sum(
        each.activity_task_started_event_attributes.attempt
        for each in history.events
        if each.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
        and each.activity_task_started_event_attributes.scheduled_event_id in loads
    )


@pytest.mark.chaos
async def test_sig_2_an_error_that_clears_takes_three_attempts_and_tells_nobody(
    desk: SyncDesk, runs: Runs
) -> None:
    run = runs["clears"]
    result = await run.result()
    assert (result.success, result.row_counts) == (True, {"rows": 1})
    assert await attempts(run) == 3
    assert len((desk.folder / "clears").read_text().splitlines()) == 3
    assert mails_about(desk, "clears") == []


async def test_sig_2_an_error_that_lasts_fails_the_run_after_all_attempts_with_one_notice(
    desk: SyncDesk, runs: Runs
) -> None:
    run = runs["lasts"]
    with pytest.raises(WorkflowFailureError):
        await run.result()
    assert (await run.describe()).status == WorkflowExecutionStatus.FAILED
    assert await attempts(run) == 3
    assert len((desk.folder / "lasts").read_text().splitlines()) == 3
    (told,) = mails_about(desk, "lasts")
    assert told.startswith("Pipeline failed: lasts\nError: ")
    assert "the source is down for ***" in told
    assert TOKEN not in (await run.fetch_history()).to_json()


async def test_sig_3_a_source_that_times_out_does_not_keep_the_next_from_being_loaded(
    desk: SyncDesk, runs: Runs
) -> None:
    run = runs["scheduled"]
    result: ScheduledSyncResult = await run.result()
    assert [each.outcome for each in result.sources] == ["timed-out", "failed", "loaded"]
    assert (result.state, result.failed) == ("partial", ("slow", "gone"))
    assert desk.rows("fine", "SELECT count(*) FROM events") == [(10,)]
    assert (await run.describe()).typed_search_attributes[STATUS] == "partial"
    (told,) = mails_about(desk, "slow")
    assert mails_about(desk, "gone") == [told]
    assert "Error: it took longer than its timeout allows" in told
    assert "There is no source `gone`" in told


async def test_sig_4_two_blocking_loads_run_at_once_on_one_worker(
    runs: Runs,
) -> None:
    for name in ("left", "right"):
        assert (await runs[name].result()).row_counts == {"rows": 1}


async def test_sig_17_a_source_that_is_being_loaded_is_not_loaded_twice_and_can_be_cancelled(
    desk: SyncDesk,
) -> None:
    first = await desk.start("held")
    mark = desk.folder / "held.pid"

    def begun() -> int:
        assert mark.exists()
        return int(mark.read_text())

    process = await eventually(begun)
    second = await desk.start("held", notify_on_failure=False)
    with pytest.raises(WorkflowFailureError) as refused:
        await second.result()
    assert f"already running {first.id}" in str(refused.value.cause.__cause__)
    await first.cancel()
    with pytest.raises(WorkflowFailureError):
        await first.result()
    assert (await first.describe()).status == WorkflowExecutionStatus.CANCELED
    await eventually(lambda: are_gone([process]))


def write_orders(desk: SyncDesk, *rows: tuple[int, str, int]) -> None:
    orders = [{"id": key, "day": day, "n": n, "tags": ["a"]} for key, day, n in rows]
    (desk.folder / "orders.json").write_text(json.dumps(orders))


FIRST = ((1, "2026-03-01", 1), (2, "2026-03-02", 10), (3, "2026-03-02", 20), (4, "2026-03-02", 30))
LATER = ((2, "2026-03-02", 99), (3, "2026-03-02", 21), (4, "2026-03-02", 31), (5, "2026-03-02", 5))


async def test_sig_9_sig_12_sig_21_corrections_of_the_last_day_land_and_are_counted(
    desk: SyncDesk,
) -> None:
    write_orders(desk, *FIRST)
    first = await desk.sync("orders")
    assert first.row_counts == {"orders": 4, "orders__tags": 4}
    assert first.merged == {"orders": MergeCounts(inserted=4, updated=0)}
    write_orders(desk, FIRST[0], *LATER)
    second = await desk.sync("orders")
    assert second.row_counts == {"orders": 4, "orders__tags": 4}
    assert second.merged == {"orders": MergeCounts(inserted=1, updated=3)}
    found = desk.rows("orders", "SELECT id, n FROM orders ORDER BY id")
    assert found == [(1, 1), (2, 99), (3, 21), (4, 31), (5, 5)]
    for table in ("orders", "orders__tags"):
        stamps = f"SELECT DISTINCT _client_id, _loaded_at IS NULL FROM {table}"  # noqa: S608
        assert desk.rows("orders", stamps) == [("acme", False)]


async def test_sig_9_sig_12_the_same_on_postgresql(desk: SyncDesk, postgres: Postgres) -> None:
    desk.postgres(postgres.port)
    desk.source("ledger", "orders", destination="warehouse")
    write_orders(desk, *FIRST)
    first = await desk.sync("ledger")
    write_orders(desk, FIRST[0], *LATER)
    run = await desk.start("ledger")
    second = await run.result()
    assert first.merged == {"orders": MergeCounts(inserted=4, updated=0)}
    assert second.merged == {"orders": MergeCounts(inserted=1, updated=3)}
    engine = sa.create_engine(postgres.url_with_password)
    with engine.connect() as connection:
        query = sa.text("SELECT id, n FROM ledger.orders WHERE _client_id = 'acme' ORDER BY id")
        found = [tuple(each) for each in connection.execute(query)]
    engine.dispose()
    assert found == [(1, 1), (2, 99), (3, 21), (4, 31), (5, 5)]
    kept = [each for each in (desk.folder / ".tenuto").rglob("*") if each.is_file()]
    assert [each for each in kept if PASSWORD.encode() in each.read_bytes()] == []
    assert PASSWORD not in (await run.fetch_history()).to_json()


async def test_sig_1_an_empty_load_succeeds_with_a_warning(desk: SyncDesk, runs: Runs) -> None:
    result = await runs["nothing"].result()
    assert (result.success, result.row_counts) == (True, {})
    assert result.warnings == ("no rows were loaded",)
    (told,) = mails_about(desk, "nothing")
    assert "Warning: no rows were loaded" in told
