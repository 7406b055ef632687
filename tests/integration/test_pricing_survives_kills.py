"""A pricing run whose worker is killed in the middle finishes, each done step done once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from pricing_desk import DAY, PricingDesk, limits, policy
from pricing_runs import FILES, request_for, waits
from run_endings import names_of
from sample.marks import marked, marks, release
from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from signed_words import tell
from task_desk import RING
from tenuto.artifacts.store import open_store
from tenuto.packs.finance.pricing.catalog import pricing
from tenuto.packs.finance.pricing.handoffs import AcceptPrice, UseNextSource
from tenuto.packs.finance.pricing.models import PricingResult
from tenuto.packs.finance.pricing.workflow import PricingRun
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

ONCE = (
    "pricing.collect_quotes",
    "pricing.check_quotes",
    "pricing.finalise",
    "pricing.publish",
)
EXAMINED = ("pricing.select_prices", "pricing.fair_value", "pricing.check_prices")
"""Once at first, and once again after somebody chose the next source."""


@pytest_asyncio.fixture
async def start_pricing(own_server: KillableServer, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts workers of the pack on this test's own server; whichever are left are killed."""
    (tmp_path / "marks").mkdir()
    ring = tmp_path / "ring.json"
    ring.write_text(RING.public_part().model_dump_json(), encoding="utf-8")
    options = (
        *("--pack", "tenuto.packs.finance.pricing.pack:pack"),
        *("--artifacts", str(tmp_path / "artifacts")),
        *("--marks", str(tmp_path / "marks")),
        *("--ring", str(ring)),
    )
    async with worker_processes(
        own_server, tmp_path, *options, module="sample.nav_worker_process"
    ) as one_more:
        yield one_more


@pytest.mark.parametrize(
    "middle",
    [pytest.param("pricing.check_prices", marks=pytest.mark.chaos), "pricing.publish"],
)
async def test_all_1_killing_the_worker_repeats_only_the_step_in_flight(
    own_client: Client, start_pricing: StartWorker, tmp_path: Path, middle: str
) -> None:
    store = open_store(str(tmp_path / "artifacts"))
    desk, rules = PricingDesk(store), policy("KILLED", limits=limits())
    seen = tmp_path / "marks"
    first = await start_pricing("--held", middle)
    handle = await start(own_client, pricing, request_for(desk, rules))
    answered_by_first = middle == "pricing.publish"
    if answered_by_first:
        await waits(handle)
        await _answer(handle)
    await eventually(marked(seen, middle))
    await first.kill()
    release(seen, middle)
    await start_pricing()
    if not answered_by_first:
        await waits(handle)
        await _answer(handle)
    result: PricingResult = await handle.result()

    executed = {step: len(marks(seen, step)) for step in (*ONCE, *EXAMINED)}
    expected = dict.fromkeys(ONCE, 1) | dict.fromkeys(EXAMINED, 2)
    assert executed == expected | {middle: expected[middle] + 1}
    assert names_of(store, f"pricing/KILLED/{DAY}/v1") == FILES
    calm = await start(own_client, pricing, request_for(desk, policy("CALM", limits=limits())))
    await waits(calm)
    await _answer(calm)
    undisturbed: PricingResult = await calm.result()
    assert undisturbed.prices.sha256 == result.prices.sha256
    assert undisturbed.price_set.sha256 == result.price_set.sha256


async def _answer(handle: Handle) -> None:
    await tell(
        handle, PricingRun.accept, AcceptPrice(instrument_id="X", by="Ann", reason="takeover bid")
    )
    await tell(
        handle,
        PricingRun.next_source,
        UseNextSource(instrument_id="Y", by="Ann", reason="A is wrong"),
    )
