"""Pricing runs for tests of the engine: fixtures, one small policy, and how a run ended."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from pricing_desk import DAY, HISTORY, INSTRUMENTS, PRIOR, QUOTES, PricingDesk, limits, policy
from signed_words import decide
from task_desk import task_worker
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.packs.finance.pricing.catalog import pricing
from tenuto.packs.finance.pricing.models import PricingRequest, PricingResult
from tenuto.packs.finance.pricing.pack import pack
from tenuto.packs.finance.pricing.policy import PricingPolicy
from tenuto.packs.finance.pricing.workflow import PricingRun
from tenuto.testing import eventually
from tenuto.testing.time_skipping import can_skip_time, skip_time
from tenuto.triggers.start import Handle, start

APPROVERS = "g:price-approvers"
FILES = [
    "audit.json",
    "candidates.parquet",
    "checks.parquet",
    "price-set.parquet",
    "prices.parquet",
    "pricing-report.pdf",
    "pricing-report.xlsx",
    "quotes.parquet",
    "report.json",
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ArtifactStore:
    """The artifact store of the worker and of the tests."""
    return open_store(str(tmp_path_factory.mktemp("artifacts")))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pricing_worker(temporal_client: Client, store: ArtifactStore) -> AsyncIterator[None]:
    """A worker of the pack, sandbox on, built as every process builds it."""
    use_store(store)
    async with task_worker(temporal_client, [pack]):
        yield
    use_store(None)


@pytest.fixture
def pricing_client(temporal_client: Client, pricing_worker: None) -> Client:
    """A client of the server on which that worker runs."""
    return temporal_client


@pytest_asyncio.fixture
async def skipping(pricing_client: Client) -> Client:
    """The same, but its runs jump over their waits."""
    if not await can_skip_time(pricing_client):
        pytest.skip("this server does not skip time")
    return skip_time(pricing_client)


@pytest.fixture
def desk(store: ArtifactStore) -> PricingDesk:
    """Writes input files into the store."""
    return PricingDesk(store)


@pytest.fixture
def rules(request: pytest.FixtureRequest) -> PricingPolicy:
    """Every test has a policy of its own, so that no set is another's prior."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.name)[:60].strip("-")
    return policy(name, limits=limits())


def request_for(desk: PricingDesk, rules: PricingPolicy, **changed: Any) -> PricingRequest:
    """X at 100 and Y at 50, both 10 % above the prior price in source A and unmoved in B."""
    files: dict[str, Any] = {
        "instruments": INSTRUMENTS + "X,equity,EUR\nY,equity,EUR\nZ,bond,EUR\n",
        "quotes": QUOTES
        + f"X,{DAY},A,close,110\nX,{DAY},B,close,109.9\n"
        + f"Y,{DAY},A,close,55\nY,{DAY},B,close,50.1\n"
        + f"Z,{DAY},A,close,99\n",
        "history": HISTORY + f"X,{PRIOR},100\nY,{PRIOR},50\nZ,{PRIOR},99.2\n",
        **changed,
    }
    listed = files.pop("quotes"), files.pop("instruments")
    return desk.request(listed[1], listed[0], policy=rules, version=None, **files)


async def price(client: Client, request: PricingRequest) -> PricingResult:
    """The result of a run that needs nobody."""
    handle = await start(client, pricing, request)
    result: PricingResult = await handle.result()
    return result


async def waiting_run(
    client: Client, desk: PricingDesk, rules: PricingPolicy, **changed: Any
) -> Handle:
    """A run that waits for answers on X (sources agree) and Y (they do not)."""
    handle = await start(client, pricing, request_for(desk, rules, **changed))
    await waits(handle)
    return handle


async def waits(handle: Handle) -> None:
    """Returns once the run waits for a person."""

    async def waiting() -> None:
        progress = await handle.query(PricingRun.progress)
        assert progress.waiting_until is not None

    await eventually(waiting)


async def task_of(handle: Handle) -> str:
    """Id of the task that asks a second person, once there is one."""

    async def asks() -> None:
        assert (await handle.query(PricingRun.progress)).task is not None

    await eventually(asks)
    return str((await handle.query(PricingRun.progress)).task)


async def approve(client: Client, handle: Handle, *people: str) -> str:
    """These people, approvers all, agree to every answer. The id of the task."""
    task = await task_of(handle)
    for each in people:
        await decide(client, task, as_=each, groups=(APPROVERS,))
    return task
