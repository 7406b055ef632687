"""A Daily NAV whose worker or server is killed in the middle finishes, each done step done once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.service import RPCError

from sample.marks import marked, marks, release
from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.yaml12 import read_yaml
from tenuto.packs.finance.demo.files import demo_strikes
from tenuto.packs.finance.models import Fund, Recipient
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.models import DailyNavRequest, DailyNavResult
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

STEPS = (
    "nav.collect_inputs",
    "nav.validate_inputs",
    "nav.value_positions",
    "nav.value_balances",
    "nav.accrue_fees",
    "nav.allocate_classes",
    "nav.explain_movement",
    "nav.measure_performance",
    "nav.check_tolerances",
    "nav.finalise",
    "nav.render_pack",
    "nav.publish",
    "nav.deliver",
)
MIDDLE = "nav.allocate_classes"


@pytest_asyncio.fixture
async def nav_worker(own_server: KillableServer, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts workers of the pack on this test's own server; whichever are left are killed."""
    (tmp_path / "marks").mkdir()
    options = (
        *("--artifacts", str(tmp_path / "artifacts")),
        *("--marks", str(tmp_path / "marks")),
    )
    async with worker_processes(
        own_server, tmp_path, *options, module="sample.nav_worker_process"
    ) as one_more:
        yield one_more


def launch_request(store: ArtifactStore, tmp_path: Path, fund_id: str) -> DailyNavRequest:
    """The demo fund's first strike under another fund id, delivered to one folder."""
    files = demo_strikes(tmp_path / "demo")[0]
    fund = Fund.model_validate(read_yaml(files.fund.read_text(), "fund.yaml"))
    outbox = Recipient(name="desk", channel="file", target=str(tmp_path / "outbox"))
    inputs = {
        name: store.put_file(path)
        for name, path in vars(files).items()
        if name not in ("date", "fund")
    }
    return DailyNavRequest(
        fund=fund.model_copy(update={"fund_id": fund_id, "recipients": (outbox,)}),
        date=files.date,
        **inputs,
    )


async def finished(handle: Handle) -> DailyNavResult:
    """The result, asked for until the restarted server answers."""

    async def answered() -> DailyNavResult:
        try:
            result: DailyNavResult = await handle.result()
        except RPCError as error:
            raise AssertionError(error.message) from error
        return result

    return await eventually(answered, timeout_s=90)


def executions(folder: Path) -> dict[str, int]:
    return {step: len(marks(folder, step)) for step in STEPS}


async def test_all_1_killing_the_worker_mid_nav_repeats_only_the_step_in_flight(
    own_client: Client, nav_worker: StartWorker, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "artifacts"))
    seen = tmp_path / "marks"
    first = await nav_worker("--held", MIDDLE)
    handle = await start(own_client, catalog.daily_nav, launch_request(store, tmp_path, "KILLED"))
    await eventually(marked(seen, MIDDLE))
    await first.kill()
    release(seen, MIDDLE)
    await nav_worker()

    result = await finished(handle)
    assert executions(seen) == {step: 2 if step == MIDDLE else 1 for step in STEPS}
    assert len({mark.pid for step in STEPS for mark in marks(seen, step)}) == 2
    await _is_as_undisturbed(own_client, nav_worker, store, tmp_path, result)


@pytest.mark.chaos
async def test_all_1_killing_the_server_mid_nav_repeats_no_finished_step(
    own_client: Client, own_server: KillableServer, nav_worker: StartWorker, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "artifacts"))
    seen = tmp_path / "marks"
    await nav_worker("--held", MIDDLE)
    handle = await start(own_client, catalog.daily_nav, launch_request(store, tmp_path, "KILLED"))
    await eventually(marked(seen, MIDDLE))
    await own_server.kill()
    await own_server.start()
    release(seen, MIDDLE)

    result = await finished(handle)
    counted = executions(seen)
    assert 1 <= counted.pop(MIDDLE) <= 1 + (catalog.allocate_classes.retry.maximum_attempts or 3)
    assert set(counted.values()) == {1}
    await _is_as_undisturbed(own_client, nav_worker, store, tmp_path, result)


async def _is_as_undisturbed(
    client: Client,
    nav_worker: StartWorker,
    store: ArtifactStore,
    tmp_path: Path,
    disturbed: DailyNavResult,
) -> None:
    """The same files, but for the fund's id, that a run nobody killed leaves behind."""
    delivered = tmp_path / "outbox" / disturbed.nav_id
    assert len(list(delivered.iterdir())) == 5
    assert [each.outcome for each in disturbed.deliveries] == ["delivered"]
    request = launch_request(store, tmp_path, "CALM")
    (tmp_path / "marks" / f"release-{MIDDLE}").touch()
    calm = await asyncio.wait_for(
        finished(await start(client, catalog.daily_nav, request)), timeout=90
    )
    assert calm.nav == disturbed.nav
    assert calm.classes == disturbed.classes
    assert calm.pack.parquet.sha256 == disturbed.pack.parquet.sha256
