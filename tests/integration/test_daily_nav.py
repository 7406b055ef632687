"""The Daily NAV on a real server and worker: release, waiting for people, failing closed."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.service import RPCError
from temporalio.worker import Worker

from nav_desk import NavDesk
from sample.servers import KillableServer
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.yaml12 import read_yaml
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.converter import error_code
from tenuto.engine.registration import load_registration
from tenuto.engine.replay import replay_history
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.packs.finance.demo.files import demo_strikes
from tenuto.packs.finance.models import Fund, Recipient, ShareClass, Tolerance
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.handoffs import CarryPrior, SupplyPrices
from tenuto.packs.finance.nav.models import Comment, DailyNavRequest, DailyNavResult
from tenuto.packs.finance.nav.pack import pack
from tenuto.packs.finance.nav.workflow import DailyNav
from tenuto.testing import eventually
from tenuto.testing.time_skipping import can_skip_time, skip_time
from tenuto.triggers.start import Handle, start

DAY = date(2024, 1, 2)
NEXT = date(2024, 1, 3)
PRICES = "instrument_id,date,price,currency\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ArtifactStore:
    """The artifact store of the worker and of the tests."""
    return open_store(str(tmp_path_factory.mktemp("artifacts")))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def nav_worker(temporal_client: Client, store: ArtifactStore) -> AsyncIterator[None]:
    """A worker of the pack, sandbox on, built as every process builds it."""
    use_store(store)
    (built,) = build_workers(
        temporal_client, load_registration([pack]), WorkerSettings(), is_embedded=True
    )
    async with built:
        yield
    use_store(None)


@pytest.fixture
def client(temporal_client: Client, nav_worker: None) -> Client:
    """A client of the server on which that worker runs."""
    return temporal_client


@pytest_asyncio.fixture
async def skipping(client: Client) -> Client:
    """The same, but its runs jump over their waits."""
    if not await can_skip_time(client):
        pytest.skip("this server does not skip time")
    return skip_time(client)


@pytest.fixture
def desk(store: ArtifactStore) -> NavDesk:
    """Writes input files into the store."""
    return NavDesk(store)


@pytest.fixture
def fund(request: pytest.FixtureRequest) -> Fund:
    """One class of 1000 units at 100 EUR; every test has a fund of its own."""
    return Fund(
        fund_id=request.node.name[:60].replace("[", "-").rstrip("]"),
        name="Test Fund",
        base_currency="EUR",
        inception=DAY,
        dealing_calendar="WEEKDAYS",
        classes=(
            ShareClass(
                class_id="A",
                currency="EUR",
                launch_date=DAY,
                launch_price=Decimal(100),
                units=Decimal(1000),
            ),
        ),
    )


def request_for(desk: NavDesk, fund: Fund, day: date = DAY, **changed: Any) -> DailyNavRequest:
    """1000 X at 100 EUR, unless changed."""
    files = {
        "positions": "instrument_id,quantity\nX,1000\n",
        "prices": f"{PRICES}X,{day},100,EUR\n",
        **changed,
    }
    return desk.request(fund, day, **files).model_copy(update={"version": None})


async def strike(client: Client, request: DailyNavRequest) -> DailyNavResult:
    """The result of a run that needs nobody."""
    handle = await start(client, daily_nav, request)
    result: DailyNavResult = await handle.result()
    return result


def names_of(store: ArtifactStore, nav_id: str) -> list[str]:
    return [name.removeprefix(f"{nav_id}/") for name, _ in store.names(f"{nav_id}/")]


async def waits(handle: Handle) -> None:
    """Returns once the run waits for a person."""

    async def waiting() -> None:
        progress = await handle.query(DailyNav.progress)
        assert progress.waiting_until is not None

    await eventually(waiting)


async def failure_of(handle: Handle) -> ApplicationError:
    """The error a run ended with."""
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


async def refusal_of(update: Any) -> ApplicationError:
    """The error an update was refused with."""
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await update
    cause = refused.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


FILES = ["manifest.json", "nav-pack.pdf", "nav-pack.xlsx", "positions.parquet", "result.json"]


async def test_ops_1_demo_fund_from_launch_to_year_end(
    client: Client, store: ArtifactStore, tmp_path: Path
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
        results.append(await strike(client, request))
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
    client: Client, desk: NavDesk, store: ArtifactStore, fund: Fund, tmp_path: Path
) -> None:
    recipient = Recipient(name="desk", channel="file", target=str(tmp_path / "out"))
    request = request_for(
        desk,
        fund.model_copy(update={"recipients": (recipient,)}),
        positions="instrument_id,quantity\nX,1000\nX,1\n",
        prices=f"{PRICES}X,{DAY},-1,EUR\n",
    )
    handle = await start(client, daily_nav, request)
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
    client: Client, desk: NavDesk, fund: Fund
) -> None:
    request = request_for(desk, fund)
    first, second = await strike(client, request), await strike(client, request)
    assert [first.nav_id[-2:], second.nav_id[-2:]] == ["v1", "v2"]
    assert second.classes == first.classes
    assert second.pack.parquet.sha256 == first.pack.parquet.sha256


async def test_same_inputs_give_the_same_bytes_in_another_store(
    client: Client, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    request = request_for(desk, fund)
    result = await strike(client, request)
    elsewhere = open_store(str(tmp_path / "elsewhere"))
    for document in (request.positions, request.prices):
        elsewhere.put_bytes(desk.store.get_bytes(document), name="input", media_type="text/csv")
    original = desk.store
    use_store(elsewhere)
    try:
        again = NavDesk(elsewhere).strike(request.model_copy(update={"version": 1}))
    finally:
        use_store(original)
    assert again.document.sha256 == result.result.sha256


async def test_run_started_around_the_starter_says_what_to_do(
    client: Client, desk: NavDesk, fund: Fund
) -> None:
    handle = await client.start_workflow(
        "DailyNav", request_for(desk, fund), id=f"around-{fund.fund_id}", task_queue="nav"
    )
    failure = await failure_of(handle)
    assert error_code(failure) == "nav.no-version"
    assert "tenuto run daily-nav" in failure.message


class TestWaitingForPrices:
    """`on_missing: wait` gives people until the cut-off, or three days."""

    @staticmethod
    async def waiting_run(client: Client, desk: NavDesk, fund: Fund) -> Handle:
        await strike(client, request_for(desk, fund))
        request = request_for(
            desk,
            fund,
            NEXT,
            positions="instrument_id,quantity\nX,1000\nY,5\n",
            prices=PRICES,
            capital="deal_id,class_id,type,trade_date,settle_date,units,amount\n",
        )
        handle = await start(client, daily_nav, request.model_copy(update={"on_missing": "wait"}))
        await waits(handle)
        return handle

    async def test_carried_and_supplied_prices_let_it_go_on(
        self, client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await self.waiting_run(client, desk, fund)
        progress = await handle.query(DailyNav.progress)
        assert [each.instrument_id for each in progress.missing] == ["X", "Y"]
        assert [each.last_known for each in progress.missing] == [DAY, None]
        assert "waiting for 2 missing price(s): X, Y" in progress.current
        left = await handle.execute_update(
            DailyNav.carry_prior,
            CarryPrior(instrument_ids=("X",), by="Ann", reason="trading suspended"),
        )
        assert [each.instrument_id for each in left.prices] == ["Y"]
        late = desk.document("late.csv", f"{PRICES}Y,{NEXT},7,EUR\n")
        left = await handle.execute_update(
            DailyNav.supply_prices, SupplyPrices(prices=late, by="Bob")
        )
        assert left.prices == ()
        result: DailyNavResult = await handle.result()
        assert result.nav == Decimal("100035.00")
        stored: Any = desk.store.get_json(result.result)
        (carried,) = stored["carried_prices"]
        assert (carried["by"], carried["reason"]) == ("Ann", "trading suspended")
        assert stored["inputs"]["prices supplied 1"] == late.sha256

    async def test_refusals_say_why_and_the_run_keeps_waiting(
        self, client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await self.waiting_run(client, desk, fund)

        async def refused(instrument_id: str) -> ApplicationError:
            decision = CarryPrior(instrument_ids=(instrument_id,), by="Ann", reason="why not")
            return await refusal_of(handle.execute_update(DailyNav.carry_prior, decision))

        assert error_code(await refused("Y")) == "nav.nothing-to-carry"
        assert error_code(await refused("Z")) == "nav.not-missing"
        wrong = desk.document("wrong.csv", f"{PRICES}Y,{NEXT},seven,EUR\n")
        failure = await refusal_of(
            handle.execute_update(DailyNav.supply_prices, SupplyPrices(prices=wrong, by="Bob"))
        )
        assert error_code(failure) == "nav.input-invalid"
        assert "wrong.csv:2 price: `seven` is not a number" in failure.message
        assert len((await handle.query(DailyNav.progress)).missing) == 2
        await handle.cancel()
        await ended_cancelled(handle)

    async def test_a_run_that_does_not_wait_refuses_prices(
        self, client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await blocked_run(client, desk, fund, "block")
        late = desk.document("late.csv", PRICES)
        failure = await refusal_of(
            handle.execute_update(DailyNav.supply_prices, SupplyPrices(prices=late, by="Bob"))
        )
        assert error_code(failure) == "nav.not-waiting"
        await handle.cancel()
        await ended_cancelled(handle)

    async def test_nobody_came_for_three_days(
        self, skipping: Client, client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
    ) -> None:
        await strike(client, request_for(desk, fund))
        request = request_for(desk, fund, NEXT, prices=PRICES, on_missing="wait")
        failure = await failure_of(await start(skipping, daily_nav, request))
        assert error_code(failure) == "nav.price-wait-expired"
        assert failure.message.startswith("No price for `X` was supplied or carried until ")
        assert failure.details[0]["instrument_ids"] == ["X"]
        assert names_of(store, f"nav/{fund.fund_id}/{NEXT}/official/v1") == []

    async def test_cut_off_of_the_fund_is_the_deadline(
        self, client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        """18:00 in Luxembourg in January is 17:00 UTC, summer time taken out."""
        day = date(2099, 1, 2)
        with_cut_off = fund.model_copy(update={"cut_off": "18:00 Europe/Luxembourg"})
        request = request_for(desk, with_cut_off, day, prices=PRICES, on_missing="wait")
        handle = await start(client, daily_nav, request)
        await waits(handle)
        progress = await handle.query(DailyNav.progress)
        assert progress.waiting_until == datetime(2099, 1, 2, 17, tzinfo=UTC)
        await handle.cancel()
        await ended_cancelled(handle)


async def ended_cancelled(handle: Handle) -> None:
    with pytest.raises(WorkflowFailureError) as ended:
        await handle.result()
    assert isinstance(ended.value.cause, CancelledError)


async def blocked_run(
    client: Client, desk: NavDesk, fund: Fund, severity: str, *, wait: bool = True
) -> Handle:
    """A run that waits because the NAV per unit rose by 10 %, with a limit of 2 %."""
    tolerance = Tolerance.model_validate(
        {"rule": "unit-nav-change", "limit": "0.02", "severity": severity}
    )
    watched = fund.model_copy(update={"tolerances": (tolerance,)})
    await strike(client, request_for(desk, watched))
    request = request_for(desk, watched, NEXT, prices=f"{PRICES}X,{NEXT},110,EUR\n")
    handle = await start(client, daily_nav, request)
    if wait:
        await waits(handle)
    return handle


def comment(by: str, text: str = "Index rebalancing", rule: str = "unit-nav-change") -> Comment:
    return Comment(rule=rule, text=text, by=by)


class TestBreaches:
    """A blocking breach is released by people's comments, and by nothing else."""

    async def test_one_comment_answers_a_blocking_breach(
        self, client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
    ) -> None:
        handle = await blocked_run(client, desk, fund, "block")
        progress = await handle.query(DailyNav.progress)
        (breach,) = progress.breaches
        assert (breach.rule, breach.subjects, breach.people) == ("unit-nav-change", ("A",), 1)
        nav_id = f"nav/{fund.fund_id}/{NEXT}/official/v1"
        assert names_of(store, nav_id) == []
        await handle.execute_update(DailyNav.comment_breach, comment("Ann"))
        result: DailyNavResult = await handle.result()
        (check,) = result.checks
        assert check.outcome == "fail"
        assert [(each.by, each.text) for each in check.comments] == [("Ann", "Index rebalancing")]
        assert check.comments[0].at is not None
        assert names_of(store, nav_id) == FILES

    async def test_ops_4_four_eyes_need_two_different_people(
        self, client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await blocked_run(client, desk, fund, "four-eyes")
        left = await handle.execute_update(DailyNav.comment_breach, comment("Ann"))
        assert [each.rule for each in left.breaches] == ["unit-nav-change"]
        for alias in ("Ann", " ann "):
            failure = await refusal_of(
                handle.execute_update(DailyNav.comment_breach, comment(alias))
            )
            assert error_code(failure) == "nav.same-person"
        left = await handle.execute_update(DailyNav.comment_breach, comment("Bob"))
        assert left.breaches == ()
        result: DailyNavResult = await handle.result()
        assert [each.by for each in result.checks[0].comments] == ["Ann", "Bob"]

    async def test_a_comment_on_another_rule_is_refused(
        self, client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await blocked_run(client, desk, fund, "block")
        failure = await refusal_of(
            handle.execute_update(
                DailyNav.comment_breach, comment("Ann", rule="unexplained-movement")
            )
        )
        assert error_code(failure) == "nav.no-such-breach"
        failure = await refusal_of(
            handle.execute_update(DailyNav.comment_breach, comment("Ann", text="  "))
        )
        assert error_code(failure) == "nav.empty-comment"
        await handle.cancel()
        await ended_cancelled(handle)

    async def test_ops_4_nobody_commented_for_three_days(
        self, skipping: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
    ) -> None:
        handle = await blocked_run(skipping, desk, fund, "four-eyes", wait=False)
        failure = await failure_of(handle)
        assert error_code(failure) == "nav.breach-not-commented"
        assert failure.message.startswith("Nobody answered the breach of `unit-nav-change` until ")
        assert names_of(store, f"nav/{fund.fund_id}/{NEXT}/official/v1") == []

    async def test_cancelled_run_binds_and_distributes_nothing(
        self, client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore, tmp_path: Path
    ) -> None:
        recipient = Recipient(name="desk", channel="file", target=str(tmp_path / "out"))
        handle = await blocked_run(
            client, desk, fund.model_copy(update={"recipients": (recipient,)}), "block"
        )
        await handle.cancel()
        await ended_cancelled(handle)
        assert names_of(store, f"nav/{fund.fund_id}/{NEXT}/official/v1") == []
        released = [path.name for path in (tmp_path / "out").rglob("v1/*")]
        assert len(released) == len(FILES)  # those of the day before


async def test_ops_5_failing_recipient_neither_stops_nor_repeats_others(
    client: Client, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    recipients = (
        Recipient(name="first", channel="file", target=str(tmp_path / "first")),
        Recipient(name="broken", channel="file", target=str(tmp_path / "taken")),
        Recipient(name="last", channel="file", target=str(tmp_path / "last")),
    )
    result = await strike(
        client, request_for(desk, fund.model_copy(update={"recipients": recipients}))
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
    client: Client, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    recipient = Recipient(name="desk", channel="file", target=str(tmp_path / "out"))
    request = request_for(desk, fund.model_copy(update={"recipients": (recipient,)}))
    result = await strike(client, request.model_copy(update={"distribute": False}))
    assert result.deliveries == ()
    assert not (tmp_path / "out").exists()


async def test_finished_run_answers_queries(client: Client, desk: NavDesk, fund: Fund) -> None:
    handle = await start(client, daily_nav, request_for(desk, fund))
    result: DailyNavResult = await handle.result()
    progress = await handle.query(DailyNav.progress)
    assert (progress.done, progress.total) == (13, 13)
    assert progress.current == f"released {result.nav_id}"
    assert await handle.query(DailyNav.result) == result


async def test_todays_code_accepts_what_every_run_above_did(
    client: Client, desk: NavDesk, fund: Fund, tmp_path: Path
) -> None:
    """Waits, refusals, cancellations, failures: each history replays in the sandbox."""
    own = await start(client, daily_nav, request_for(desk, fund))
    await own.result()

    async def listed() -> list[WorkflowExecution]:
        runs = [run async for run in client.list_workflows("WorkflowType = 'DailyNav'")]
        assert own.id in {run.id for run in runs}
        return runs

    for run in await eventually(listed):
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        path = tmp_path / "history.json"
        path.write_text(history.to_json())
        verdict = await replay_history(path, load_registration([pack]))
        assert verdict.is_compatible, (run.id, verdict.problem)


async def test_waiting_run_outlives_its_worker(
    own_server: KillableServer, store: ArtifactStore, desk: NavDesk, fund: Fund
) -> None:
    """A new worker knows nothing but the history, and goes on from there."""
    use_store(store)
    registration = load_registration([pack])

    async def new_client() -> Client:
        client = await connect(Target(address=own_server.address, origin="embedded"))
        await prepare_namespace(client)
        return client

    def new_worker(client: Client) -> Worker:
        (built,) = build_workers(client, registration, WorkerSettings(), is_embedded=True)
        return built

    async def waiting_run(client: Client) -> Handle:
        try:
            return await blocked_run(client, desk, fund, "block")
        except RPCError as error:  # search attributes just created are not known at once
            raise AssertionError(error.message) from error

    first, second = await new_client(), await new_client()
    async with new_worker(first):
        handle = await eventually(lambda: waiting_run(first))
    async with new_worker(second):
        await handle.execute_update(DailyNav.comment_breach, comment("Ann"))
        result: DailyNavResult = await handle.result()
    assert [each.by for each in result.checks[0].comments] == ["Ann"]
