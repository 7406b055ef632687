"""The Daily NAV on a real server and worker: release, versions, copies, failing closed."""

import asyncio
import threading
from pathlib import Path

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecution,
)
from temporalio.service import RPCError

from nav_desk import NavDesk
from nav_runs import (
    DAY,
    FILES,
    PRICES,
    desk,
    fund,
    nav_client,
    nav_worker,
    request_for,
    skipping,
    store,
    strike,
)
from run_endings import ended_cancelled, failure_of, names_of
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.yaml12 import read_yaml
from tenuto.engine.converter import error_code
from tenuto.engine.registration import load_registration
from tenuto.engine.replay import replay_history
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.packs.finance.demo.files import demo_strikes
from tenuto.packs.finance.models import Fund, Recipient
from tenuto.packs.finance.nav.activities.publish import publish
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.models import DailyNavRequest, DailyNavResult
from tenuto.packs.finance.nav.pack import pack
from tenuto.packs.finance.nav.release_handoffs import PublishedNav, PublishRequest
from tenuto.packs.finance.nav.workflow import DailyNav
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

__all__ = ["desk", "fund", "nav_client", "nav_worker", "skipping", "store"]


async def test_ops_1_demo_fund_from_launch_to_year_end(
    nav_client: Client, store: ArtifactStore, tmp_path: Path
) -> None:
    results = []
    for files in demo_strikes(tmp_path / "demo"):
        fund = Fund.model_validate(read_yaml(files.fund.read_text(), "fund.yaml"))
        recipient = Recipient(name="desk", channel="file", target=str(tmp_path / "out"))
        inputs = {
            name: store.put_file(path)
            for name, path in vars(files).items()
            if name not in ("date", "fund")
        }
        request = DailyNavRequest(
            fund=fund.model_copy(update={"recipients": (recipient,)}), date=files.date, **inputs
        )
        results.append(await strike(nav_client, request))
    assert [each.nav_id for each in results] == [
        f"nav/DEMO/{day}/official/v1"
        for day in ("2021-12-31", "2022-11-30", "2022-12-27", "2022-12-28")
    ]
    last = results[-1]
    assert last.status == "final"
    assert sum(each.nav_base for each in last.classes) == last.nav
    assert all(each.performance.daily.value is not None for each in last.classes)
    assert names_of(store, last.nav_id) == FILES
    (delivery,) = last.deliveries
    assert (delivery.outcome, delivery.attempts) == ("delivered", 1)
    assert sorted(path.name for path in (tmp_path / "out" / last.nav_id).iterdir()) == FILES


async def test_ops_1_bad_input_ends_with_every_problem_and_releases_nothing(
    nav_client: Client, desk: NavDesk, store: ArtifactStore, fund: Fund, tmp_path: Path
) -> None:
    recipient = Recipient(name="desk", channel="file", target=str(tmp_path / "out"))
    request = request_for(
        desk,
        fund.model_copy(update={"recipients": (recipient,)}),
        positions="instrument_id,quantity\nX,1000\nX,1\n",
        prices=f"{PRICES}X,{DAY},-1,EUR\n",
    )
    handle = await start(nav_client, daily_nav, request)
    failure = await failure_of(handle)
    assert error_code(failure) == "nav.input-invalid"
    assert failure.non_retryable
    assert "positions.csv:3 instrument_id: `X` is in rows 2 and 3" in failure.message
    assert "prices.csv:2 price: the price is -1" in failure.message
    codes = {each["code"] for each in failure.details[0]["problems"]}
    assert codes == {"nav.duplicate-position", "nav.price-not-positive"}
    assert list(store.names(f"nav/{fund.fund_id}/")) == []
    assert not (tmp_path / "out").exists()


async def test_re_strike_is_a_new_version_with_the_same_numbers(
    nav_client: Client, desk: NavDesk, fund: Fund
) -> None:
    request = request_for(desk, fund)
    first, second = await strike(nav_client, request), await strike(nav_client, request)
    assert [first.nav_id[-2:], second.nav_id[-2:]] == ["v1", "v2"]
    assert second.classes == first.classes
    assert second.pack.parquet.sha256 == first.pack.parquet.sha256


async def test_same_inputs_give_the_same_bytes_in_another_store(
    nav_client: Client, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    request = request_for(desk, fund)
    result = await strike(nav_client, request)
    elsewhere = open_store(str(tmp_path / "elsewhere"))
    for document in (request.positions, request.prices):
        assert document is not None
        elsewhere.put_bytes(desk.store.get_bytes(document), name="input", media_type="text/csv")
    original = desk.store
    use_store(elsewhere)
    try:
        again = NavDesk(elsewhere).strike(request.model_copy(update={"version": 1}))
    finally:
        use_store(original)
    assert again.document.sha256 == result.result.sha256


async def test_run_started_around_the_starter_says_what_to_do(
    nav_client: Client, desk: NavDesk, fund: Fund
) -> None:
    handle = await nav_client.start_workflow(
        "DailyNav", request_for(desk, fund), id=f"around-{fund.fund_id}", task_queue="nav"
    )
    failure = await failure_of(handle)
    assert error_code(failure) == "nav.no-version"
    assert "tenuto run daily-nav" in failure.message


async def test_ops_5_failing_recipient_neither_stops_nor_repeats_others(
    nav_client: Client, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    recipients = (
        Recipient(name="first", channel="file", target=str(tmp_path / "first")),
        Recipient(name="broken", channel="file", target=str(tmp_path / "taken")),
        Recipient(name="last", channel="file", target=str(tmp_path / "last")),
    )
    result = await strike(
        nav_client, request_for(desk, fund.model_copy(update={"recipients": recipients}))
    )
    assert [(each.recipient, each.outcome) for each in result.deliveries] == [
        ("first", "delivered"),
        ("broken", "failed"),
        ("last", "delivered"),
    ]
    failed = result.deliveries[1]
    assert failed.attempts == 1
    assert "does not accept files" in failed.detail
    for name in ("first", "last"):
        assert len(list((tmp_path / name / result.nav_id).iterdir())) == len(FILES)


async def test_without_distribution_nobody_gets_a_copy(
    nav_client: Client, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    recipient = Recipient(name="desk", channel="file", target=str(tmp_path / "out"))
    request = request_for(desk, fund.model_copy(update={"recipients": (recipient,)}))
    result = await strike(nav_client, request.model_copy(update={"distribute": False}))
    assert result.deliveries == ()
    assert not (tmp_path / "out").exists()


async def test_finished_run_answers_queries(nav_client: Client, desk: NavDesk, fund: Fund) -> None:
    handle = await start(nav_client, daily_nav, request_for(desk, fund))
    result: DailyNavResult = await handle.result()
    progress = await handle.query(DailyNav.progress)
    assert (progress.done, progress.total) == (14, 14)
    assert progress.current == f"released {result.nav_id}"
    assert await handle.query(DailyNav.result) == result


async def test_todays_code_accepts_what_every_run_above_did(
    nav_client: Client, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    """Waits, refusals, cancellations, failures: each history replays in the sandbox."""
    own = await start(nav_client, daily_nav, request_for(desk, fund))
    await own.result()

    async def listed() -> list[WorkflowExecution]:
        runs = [run async for run in nav_client.list_workflows("WorkflowType = 'DailyNav'")]
        assert own.id in {run.id for run in runs}
        return runs

    for run in await eventually(listed):
        history = await nav_client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        path = tmp_path / "history.json"
        path.write_text(history.to_json())
        verdict = await replay_history(path, load_registration([pack]))
        assert verdict.is_compatible, (run.id, verdict.problem)


async def test_cancelling_while_names_are_bound_leaves_all_of_them_and_no_copy(
    own_client: Client, store: ArtifactStore, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    use_store(store)
    has_begun, may_end = threading.Event(), threading.Event()

    @activity.defn(name="nav.publish")
    def held_publish(request: PublishRequest) -> PublishedNav:
        has_begun.set()
        may_end.wait(30)
        return publish(request)

    registration = load_registration([pack])
    bodies = registration.queues["nav"].activities
    bodies[bodies.index(publish)] = held_publish
    (worker,) = build_workers(own_client, registration, WorkerSettings(), is_embedded=True)
    recipient = Recipient(name="desk", channel="file", target=str(tmp_path / "out"))
    request = request_for(desk, fund.model_copy(update={"recipients": (recipient,)}))

    async def started() -> Handle:
        try:
            return await start(own_client, daily_nav, request)
        except RPCError as error:  # search attributes just created are not known at once
            raise AssertionError(error.message) from error

    async with worker:
        handle = await eventually(started)
        await asyncio.to_thread(has_begun.wait, 30)
        await handle.cancel()

        async def cancellation_arrived() -> None:
            kinds = [event.event_type async for event in handle.fetch_history_events()]
            assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED in kinds

        await eventually(cancellation_arrived)
        may_end.set()
        await ended_cancelled(handle)
    assert names_of(store, f"nav/{fund.fund_id}/{DAY}/official/v1") == FILES
    assert not (tmp_path / "out").exists()
