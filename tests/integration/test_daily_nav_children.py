"""A NAV that orders its Pricing and its reconciliations: they live and end with it."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from nav_desk import NavDesk
from nav_runs import DAY, desk, fund, store
from run_endings import ended_cancelled, failure_of, names_of
from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from signed_words import tell
from task_desk import RING
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.packs.finance.models import Fund, Tolerance
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.lineage.node import Node
from tenuto.packs.finance.nav.lineage.trace import explain_position
from tenuto.packs.finance.nav.models import DailyNavRequest, DailyNavResult
from tenuto.packs.finance.nav.pack import pack as nav_pack
from tenuto.packs.finance.pricing.handoffs import AcceptPrice
from tenuto.packs.finance.pricing.models import PricingRequest
from tenuto.packs.finance.pricing.pack import pack as pricing_pack
from tenuto.packs.finance.pricing.policy import PricingPolicy
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest
from tenuto.packs.finance.reconciliation.pack import pack as reconciliation_pack
from tenuto.packs.finance.reconciliation.rules import RecRules
from tenuto.testing import eventually
from tenuto.triggers.start import start

__all__ = ["desk", "fund", "store"]

PACKS = (nav_pack, pricing_pack, reconciliation_pack)
OURS = "instrument_id,currency,quantity,price,market_value\nX,EUR,1000,100,100000\n"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def workers(temporal_client: Client, store: ArtifactStore) -> AsyncIterator[None]:
    """Workers of all three packs, a queue each."""
    use_store(store)
    built = build_workers(
        temporal_client, load_registration(PACKS), WorkerSettings(), is_embedded=True
    )
    nav, pricing, reconciliation = built
    async with nav, pricing, reconciliation:
        yield
    use_store(None)


@pytest.fixture
def client(temporal_client: Client, workers: None) -> Client:
    """A client of the server on which they run."""
    return temporal_client


def pricing_of(desk: NavDesk, name: str, price: str = "100", **changed: Any) -> PricingRequest:
    """X from one vendor; without a price there is a question."""
    policy = PricingPolicy.model_validate(
        {
            "policy_id": name,
            "sources": [{"source": "alpha", "kind": "exchange"}],
            "waterfall": [{"rule_id": "all", "steps": [{"source": "alpha"}]}],
        }
    )
    quotes = f"instrument_id,date,source,field,price,currency\nX,{DAY},alpha,close,{price},EUR\n"
    return PricingRequest(
        policy=policy,
        date=DAY,
        instruments=desk.document("master.csv", "instrument_id,type,currency\nX,equity,EUR\n"),
        quotes=(desk.document("alpha.csv", quotes),),
        **changed,
    )


def reconciliation_of(desk: NavDesk, name: str, theirs: str = OURS) -> ReconciliationRequest:
    """The book against what the custodian says."""
    rules = RecRules.model_validate(
        {
            "rec_id": name,
            "kind": "position",
            "base_currency": "EUR",
            "calendar": "WEEKDAYS",
            "sides": [{"name": "book"}, {"name": "custodian"}],
        }
    )
    return ReconciliationRequest(
        rules=rules,
        date=DAY,
        sources={
            "book": desk.document("book.csv", OURS),
            "custodian": desk.document("custodian.csv", theirs),
        },
        use_desk=False,
    )


def nav_of(desk: NavDesk, fund: Fund, **given: Any) -> DailyNavRequest:
    return DailyNavRequest(
        fund=fund,
        date=DAY,
        positions=desk.document("positions.csv", "instrument_id,quantity\nX,1000\n"),
        **given,
    )


def children_of(fund: Fund) -> tuple[str, str]:
    """The ids that the first Pricing and the first reconciliation of a test get."""
    return (
        f"pricing/{fund.fund_id}/{DAY}/v1",
        f"reconciliation/{fund.fund_id}/{DAY}/v1",
    )


async def status_of(client: Client, workflow_id: str) -> WorkflowExecutionStatus | None:
    return (await client.get_workflow_handle(workflow_id).describe()).status


async def test_ops_12_a_nav_is_struck_from_the_golden_prices_of_its_own_pricing(
    client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    watched = fund.model_copy(
        update={"tolerances": (Tolerance(rule="open-breaks", limit=Decimal("0.0001")),)}
    )
    request = nav_of(
        desk,
        watched,
        pricing=pricing_of(desk, fund.fund_id),
        reconciliations=(reconciliation_of(desk, fund.fund_id),),
    )
    result: DailyNavResult = await (await start(client, daily_nav, request)).result()
    assert result.nav == Decimal("100000.00")
    struck = read_result(store, result.result)
    pricing_id, rec_id = children_of(fund)
    assert {pricing_id, rec_id} <= set(struck.inputs)
    (breaks,) = [each for each in struck.checks if each.rule == "open-breaks"]
    assert breaks.outcome == "pass"
    assert breaks.value == 0

    price = next(
        each for each in explain_position(store, struck, "X").parts if each.figure == "golden price"
    )
    assert pricing_id in price.how
    quote: Node = price.parts[0]
    assert quote.source is not None
    assert (quote.source.file, quote.source.row) == ("alpha.csv", 2)
    assert quote.source.text == f"X,{DAY},alpha,close,100,EUR"


async def test_ops_12_a_restrike_gets_new_versions_of_its_children(
    client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    for price in ("100", "101"):
        request = nav_of(desk, fund, pricing=pricing_of(desk, fund.fund_id, price))
        result: DailyNavResult = await (await start(client, daily_nav, request)).result()
        assert str(result.nav) == f"{price}000.00"
    assert names_of(store, f"pricing/{fund.fund_id}/{DAY}/v2")


async def test_ops_12_a_failed_pricing_fails_the_nav_and_names_itself(
    client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    priced = pricing_of(desk, fund.fund_id, "0", on_exception="fail")
    handle = await start(client, daily_nav, nav_of(desk, fund, pricing=priced))
    failure = await failure_of(handle)
    pricing_id, _ = children_of(fund)
    assert code_of(failure) == "nav.pricing-failed"
    assert pricing_id in failure.message
    assert names_of(store, handle.id) == []


@pytest.mark.parametrize("policy", ["fail", "warn"])
async def test_ops_12_the_request_decides_what_a_failed_reconciliation_does(
    client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore, policy: str
) -> None:
    broken = reconciliation_of(desk, fund.fund_id, theirs="quantity\nmany\n")
    request = nav_of(
        desk,
        fund.model_copy(
            update={"tolerances": (Tolerance(rule="open-breaks", limit=Decimal("0.0001")),)}
        ),
        prices=desk.document("prices.csv", f"instrument_id,date,price,currency\nX,{DAY},100,EUR\n"),
        reconciliations=(broken,),
        on_failed_reconciliation=policy,
    )
    handle = await start(client, daily_nav, request)
    if policy == "fail":
        failure = await failure_of(handle)
        assert code_of(failure) == "nav.reconciliation-failed"
        assert children_of(fund)[1] in failure.message
        return
    result: DailyNavResult = await handle.result()
    (check,) = [each for each in result.checks if each.rule == "open-breaks"]
    assert check.outcome == "missing"


async def test_ops_12_cancelling_the_nav_cancels_its_children(
    client: Client, desk: NavDesk, fund: Fund, store: ArtifactStore
) -> None:
    request = nav_of(desk, fund, pricing=pricing_of(desk, fund.fund_id, "0"))
    handle = await start(client, daily_nav, request)
    pricing_id, _ = children_of(fund)
    await eventually(lambda: _asks(client, pricing_id))
    await handle.cancel()
    await ended_cancelled(handle)
    assert await status_of(client, pricing_id) is WorkflowExecutionStatus.CANCELED
    assert names_of(store, pricing_id) == names_of(store, handle.id) == []


@pytest_asyncio.fixture
async def start_all(own_server: KillableServer, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts worker processes of all three packs on this test's own server."""
    (tmp_path / "marks").mkdir()
    ring = tmp_path / "ring.json"
    ring.write_text(RING.public_part().model_dump_json(), encoding="utf-8")
    packs = ("nav", "pricing", "reconciliation")
    options = (
        *(f"--pack=tenuto.packs.finance.{name}.pack:pack" for name in packs),
        *("--artifacts", str(tmp_path / "artifacts")),
        *("--marks", str(tmp_path / "marks")),
        *("--ring", str(ring)),
    )
    async with worker_processes(
        own_server, tmp_path, *options, module="sample.nav_worker_process"
    ) as one_more:
        yield one_more


@pytest.mark.chaos
async def test_ops_12_parent_and_child_survive_kill_9_of_every_worker(
    own_client: Client, start_all: StartWorker, tmp_path: Path, fund: Fund
) -> None:
    desk = NavDesk(open_store(str(tmp_path / "artifacts")))
    first = await start_all()
    request = nav_of(desk, fund, pricing=pricing_of(desk, fund.fund_id, "90"))
    history = f"instrument_id,date,price\nX,{date(2024, 1, 1)},100\n"
    assert request.pricing is not None
    priced = request.pricing.model_copy(update={"history": desk.document("h.csv", history)})
    handle = await start(own_client, daily_nav, request.model_copy(update={"pricing": priced}))
    pricing_id, _ = children_of(fund)
    await eventually(lambda: _asks(own_client, pricing_id))
    await first.kill()
    await start_all()
    answer = AcceptPrice(instrument_id="X", by="Ann", reason="The market fell.")
    await tell(own_client.get_workflow_handle(pricing_id), "accept", answer)
    result: DailyNavResult = await handle.result()
    assert result.nav == Decimal("90000.00")


async def _asks(client: Client, pricing_id: str) -> None:
    try:
        asked: list[Any] = await client.get_workflow_handle(pricing_id).query("exceptions")
    except RPCError as not_yet:
        raise AssertionError from not_yet
    assert asked


def code_of(failure: ApplicationError) -> str:
    return str(failure.details[0]["code"])
