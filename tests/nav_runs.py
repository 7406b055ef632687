"""Daily NAV runs for tests of the engine: fixtures, one small fund, and how a run ended."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
)

from nav_desk import NavDesk
from signed_words import decide
from task_desk import task_worker
from tenuto.activities.notify.pack import pack as notify_pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.packs.finance.models import Fund, ShareClass, Tolerance
from tenuto.packs.finance.nav.catalog import daily_nav
from tenuto.packs.finance.nav.models import DailyNavRequest, DailyNavResult
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
    async with task_worker(temporal_client, [pack, notify_pack]):
        yield
    use_store(None)


@pytest.fixture
def nav_client(temporal_client: Client, nav_worker: None) -> Client:
    """A client of the server on which that worker runs."""
    return temporal_client


@pytest_asyncio.fixture
async def skipping(nav_client: Client) -> Client:
    """The same, but its runs jump over their waits."""
    if not await can_skip_time(nav_client):
        pytest.skip("this server does not skip time")
    return skip_time(nav_client)


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


async def waits(handle: Handle) -> None:
    """Returns once the run waits for a person."""

    async def waiting() -> None:
        progress = await handle.query(DailyNav.progress)
        assert progress.waiting_until is not None

    await eventually(waiting)


APPROVERS = "g:nav-approvers"


async def task_of(handle: Handle, *, other_than: str | None = None) -> str:
    """Id of the task that waits for a decision, once there is one."""

    async def asks() -> None:
        task = (await handle.query(DailyNav.progress)).task
        assert task not in (None, other_than)

    await eventually(asks)
    return str((await handle.query(DailyNav.progress)).task)


async def approve(client: Client, handle: Handle, *people: str, **said: Any) -> str:
    """These people, approvers all, approve what is shown. The id of the task."""
    task = await task_of(handle)
    for each in people:
        await decide(client, task, as_=each, groups=(APPROVERS,), **said)
    return task


FILES = ["manifest.json", "nav-pack.pdf", "nav-pack.xlsx", "positions.parquet", "result.json"]


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
