"""Where a Daily NAV waits for people: missing prices, and breaches that block its release."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from temporalio.client import (
    Client,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker

from nav_desk import NavDesk
from nav_runs import (
    DAY,
    FILES,
    NEXT,
    PRICES,
    blocked_run,
    desk,
    fund,
    nav_client,
    nav_worker,
    request_for,
    skipping,
    store,
    strike,
    waits,
)
from run_endings import ended_cancelled, failure_of, names_of, refusal_of
from sample.servers import KillableServer
from signed_words import tell
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.converter import error_code
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.packs.finance.models import Fund, Recipient
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.messages import CarryPrior, SupplyPrices
from tenuto.packs.finance.nav.models import DailyNavResult
from tenuto.packs.finance.nav.pack import pack
from tenuto.packs.finance.nav.parts import Comment
from tenuto.packs.finance.nav.workflow import DailyNav
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

__all__ = ["desk", "fund", "nav_client", "nav_worker", "skipping", "store"]


def comment(by: str, text: str = "Index rebalancing", rule: str = "unit-nav-change") -> Comment:
    return Comment(rule=rule, text=text, by=by)


class TestWaitingForPrices:
    """`on_missing: wait` gives people until the cut-off, or three days."""

    @staticmethod
    async def waiting_run(nav_client: Client, desk: NavDesk, fund: Fund) -> Handle:
        await strike(nav_client, request_for(desk, fund))
        request = request_for(
            desk,
            fund,
            NEXT,
            positions="instrument_id,quantity\nX,1000\nY,5\n",
            prices=PRICES,
            on_missing="wait",
        )
        handle = await start(nav_client, daily_nav, request)
        await waits(handle)
        return handle

    async def test_carried_and_supplied_prices_let_it_go_on(
        self, nav_client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await self.waiting_run(nav_client, desk, fund)
        progress = await handle.query(DailyNav.progress)
        assert [each.instrument_id for each in progress.missing] == ["X", "Y"]
        assert [each.last_known for each in progress.missing] == [DAY, None]
        assert "waiting for 2 missing price(s): X, Y" in progress.current
        left = await tell(
            handle,
            DailyNav.carry_prior,
            CarryPrior(instrument_ids=("X",), by="Ann", reason="trading suspended"),
        )
        assert [each.instrument_id for each in left.prices] == ["Y"]
        late = desk.document("late.csv", f"{PRICES}Y,{NEXT},7,EUR\n")
        left = await tell(handle, DailyNav.supply_prices, SupplyPrices(prices=late, by="Bob"))
        assert left.prices == ()
        result: DailyNavResult = await handle.result()
        assert result.nav == Decimal("100035.00")
        stored: Any = desk.store.get_json(result.result)
        (carried,) = stored["carried_prices"]
        assert (carried["by"], carried["reason"]) == ("Ann", "trading suspended")
        assert stored["inputs"]["prices supplied 1"] == late.sha256

    async def test_refusals_say_why_and_the_run_keeps_waiting(
        self, nav_client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await self.waiting_run(nav_client, desk, fund)

        async def refused(instrument_id: str) -> ApplicationError:
            decision = CarryPrior(instrument_ids=(instrument_id,), by="Ann", reason="why not")
            return await refusal_of(tell(handle, DailyNav.carry_prior, decision))

        assert error_code(await refused("Y")) == "nav.nothing-to-carry"
        assert error_code(await refused("Z")) == "nav.not-missing"
        wrong = desk.document("wrong.csv", f"{PRICES}Y,{NEXT},seven,EUR\n")
        failure = await refusal_of(
            tell(handle, DailyNav.supply_prices, SupplyPrices(prices=wrong, by="Bob"))
        )
        assert error_code(failure) == "nav.input-invalid"
        assert "wrong.csv:2 price: `seven` is not a number" in failure.message
        assert len((await handle.query(DailyNav.progress)).missing) == 2
        await handle.cancel()
        await ended_cancelled(handle)

    async def test_a_run_that_does_not_wait_refuses_prices(
        self, nav_client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await blocked_run(nav_client, desk, fund, "block")
        late = desk.document("late.csv", PRICES)
        failure = await refusal_of(
            tell(handle, DailyNav.supply_prices, SupplyPrices(prices=late, by="Bob"))
        )
        assert error_code(failure) == "nav.not-waiting"
        await handle.cancel()
        await ended_cancelled(handle)

    async def test_nobody_came_for_three_days(
        self, skipping: Client, nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
    ) -> None:
        await strike(nav_client, request_for(desk, fund))
        request = request_for(desk, fund, NEXT, prices=PRICES, on_missing="wait")
        failure = await failure_of(await start(skipping, daily_nav, request))
        assert error_code(failure) == "nav.price-wait-expired"
        assert failure.message.startswith("No price for `X` was supplied or carried until ")
        assert failure.details[0]["instrument_ids"] == ["X"]
        assert names_of(store, f"nav/{fund.fund_id}/{NEXT}/official/v1") == []

    async def test_cut_off_of_the_fund_is_the_deadline(
        self, nav_client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        """18:00 in Luxembourg in January is 17:00 UTC, summer time taken out."""
        day = date(2099, 1, 2)
        with_cut_off = fund.model_copy(update={"cut_off": "18:00 Europe/Luxembourg"})
        request = request_for(desk, with_cut_off, day, prices=PRICES, on_missing="wait")
        handle = await start(nav_client, daily_nav, request)
        await waits(handle)
        progress = await handle.query(DailyNav.progress)
        assert progress.waiting_until == datetime(2099, 1, 2, 17, tzinfo=UTC)
        await handle.cancel()
        await ended_cancelled(handle)


class TestBreaches:
    """A blocking breach is released by people's comments, and by nothing else."""

    async def test_one_comment_answers_a_blocking_breach(
        self, nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
    ) -> None:
        handle = await blocked_run(nav_client, desk, fund, "block")
        progress = await handle.query(DailyNav.progress)
        (breach,) = progress.breaches
        assert (breach.rule, breach.subjects, breach.people) == ("unit-nav-change", ("A",), 1)
        nav_id = f"nav/{fund.fund_id}/{NEXT}/official/v1"
        assert names_of(store, nav_id) == []
        await tell(handle, DailyNav.comment_breach, comment("Ann"))
        result: DailyNavResult = await handle.result()
        (check,) = result.checks
        assert check.outcome == "fail"
        assert [(each.by, each.text) for each in check.comments] == [("Ann", "Index rebalancing")]
        assert check.comments[0].at is not None
        assert names_of(store, nav_id) == FILES

    async def test_ops_4_four_eyes_need_two_different_people(
        self, nav_client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await blocked_run(nav_client, desk, fund, "four-eyes")
        left = await tell(handle, DailyNav.comment_breach, comment("Ann"))
        assert [each.rule for each in left.breaches] == ["unit-nav-change"]
        for alias in ("Ann", " ann "):
            failure = await refusal_of(tell(handle, DailyNav.comment_breach, comment(alias)))
            assert error_code(failure) == "nav.same-person"
        left = await tell(handle, DailyNav.comment_breach, comment("Bob"))
        assert left.breaches == ()
        result: DailyNavResult = await handle.result()
        assert [each.by for each in result.checks[0].comments] == ["Ann", "Bob"]

    async def test_a_comment_on_another_rule_is_refused(
        self, nav_client: Client, desk: NavDesk, fund: Fund
    ) -> None:
        handle = await blocked_run(nav_client, desk, fund, "block")
        failure = await refusal_of(
            tell(handle, DailyNav.comment_breach, comment("Ann", rule="unexplained-movement"))
        )
        assert error_code(failure) == "nav.no-such-breach"
        failure = await refusal_of(tell(handle, DailyNav.comment_breach, comment("Ann", text="  ")))
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
        self, nav_client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore, tmp_path: Path
    ) -> None:
        recipient = Recipient(name="desk", channel="file", target=str(tmp_path / "out"))
        handle = await blocked_run(
            nav_client, desk, fund.model_copy(update={"recipients": (recipient,)}), "block"
        )
        await handle.cancel()
        await ended_cancelled(handle)
        assert names_of(store, f"nav/{fund.fund_id}/{NEXT}/official/v1") == []
        released = [path.name for path in (tmp_path / "out").rglob("v1/*")]
        assert len(released) == len(FILES)  # those of the day before


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
        await tell(handle, DailyNav.comment_breach, comment("Ann"))
        result: DailyNavResult = await handle.result()
    assert [each.by for each in result.checks[0].comments] == ["Ann"]
