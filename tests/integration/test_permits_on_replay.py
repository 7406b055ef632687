"""Switching policy on or off breaks no run that is open, and every verdict replays."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Replayer

from guarded_bodies import PAID
from guarded_catalog import gathering, patient, payment
from guarded_desk import PACK, Desk, refusal
from guarded_models import Payment, Rounds
from tenuto.core.errors import TenutoError
from tenuto.engine.admission import Admission
from tenuto.engine.converter import data_converter
from tenuto.engine.guard import ArgumentGuard
from tenuto.engine.registration import load_registration
from tenuto.engine.worker import sandboxed_runner
from tenuto.testing import eventually


@pytest.fixture(scope="module")
def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Without a worker; each test has the ones it needs."""
    return Desk(client, tmp_path_factory.mktemp("desk"))


@pytest_asyncio.fixture
async def open_before_policy(
    desk: Desk, request: pytest.FixtureRequest
) -> AsyncIterator[WorkflowHandle[Any, Any]]:
    """A run that a worker began while policy was off, and that still waits."""
    run = await desk.start_raw(patient, Payment(to=request.node.name))
    async with desk.worker(is_demanded=False):
        await eventually(lambda: _has_begun(run))
    yield run


async def replays(run: WorkflowHandle[Any, Any], *, is_demanded: bool) -> None:
    """Raises where today's code and settings take other steps than the run took."""
    registration = load_registration([PACK])
    await Replayer(
        workflows=[cls for code in registration.queues.values() for cls in code.workflows],
        workflow_runner=sandboxed_runner(registration.passthrough),
        data_converter=data_converter(),
        workflow_failure_exception_types=[TenutoError],
        interceptors=[*Admission(is_demanded=is_demanded).interceptors(), ArgumentGuard()],
    ).replay_workflow(await run.fetch_history())


@pytest.mark.parametrize("is_demanded", [True, False])
async def test_permitted_denied_and_earlier_runs_replay(desk: Desk, is_demanded: bool) -> None:
    async with desk.worker():
        permitted = await desk.gate().start(desk.client, gathering, Rounds(to="replayed"))
        assert await refusal(permitted) is None
        denied = await desk.start_raw(payment, Payment(to="nobody"))
        assert await refusal(denied) == "permit.missing"
    async with desk.worker(is_demanded=False):
        earlier = await desk.start_raw(payment, Payment(to="earlier"))
        assert await refusal(earlier) is None
    child = desk.client.get_workflow_handle(f"{permitted.id}/0")
    for run in (permitted, child, denied, earlier):
        await replays(run, is_demanded=is_demanded)


async def test_without_policy_nothing_is_added_to_a_history(desk: Desk) -> None:
    async with desk.worker(is_demanded=False):
        run = await desk.gate(rules=None).start(desk.client, payment, Payment(to="plain"))
        await run.result()
    kinds = [str(event.WhichOneof("attributes")) async for event in run.fetch_history_events()]
    assert not any("marker" in kind or "upsert" in kind for kind in kinds)
    assert len(kinds) == 11


async def test_a_run_from_before_policy_goes_on_and_starts_what_it_starts(
    desk: Desk, open_before_policy: WorkflowHandle[Any, Any]
) -> None:
    run = open_before_policy
    async with desk.worker(since=datetime.now(UTC), cached_runs=0):
        await desk.gate().update(desk.client, run.id, "approve", [{"by": "ann"}])
        assert await refusal(run) is None
    assert PAID["test_a_run_from_before_policy_goes_on_and_starts_what_it_starts"] == 1
    await replays(run, is_demanded=True)


@pytest.mark.attack
async def test_what_an_unpermitted_run_starts_later_than_that_is_refused(
    desk: Desk, open_before_policy: WorkflowHandle[Any, Any]
) -> None:
    run = open_before_policy
    async with desk.worker(since=datetime.now(UTC) - timedelta(hours=1)):
        await desk.gate().update(desk.client, run.id, "approve", [{"by": "ann"}])
        assert await refusal(run) == "permit.missing"
    assert PAID["test_what_an_unpermitted_run_starts_later_than_that_is_refused"] == 0
    await replays(run, is_demanded=False)


async def test_a_permitted_run_goes_on_when_policy_is_switched_off_and_on(desk: Desk) -> None:
    async with desk.worker(cached_runs=0):
        run = await desk.gate().start(desk.client, patient, Payment(to="switched"))
        await eventually(lambda: _has_begun(run))
    async with desk.worker(is_demanded=False, cached_runs=0):
        await desk.gate().update(desk.client, run.id, "pay_now", [Payment(to="switched")])
    async with desk.worker(cached_runs=0):
        await desk.gate().update(desk.client, run.id, "approve", [{"by": "ann"}])
        assert await refusal(run) is None
    assert PAID["switched"] == 2


async def test_a_stopped_worker_does_not_turn_a_good_start_into_a_denial(desk: Desk) -> None:
    gate = desk.gate()
    run = await gate.start(desk.client, payment, Payment(to="late"))
    assert PAID["late"] == 0
    async with desk.worker():
        assert await refusal(run) is None


async def _has_begun(run: WorkflowHandle[Any, Any]) -> None:
    kinds = [str(event.WhichOneof("attributes")) async for event in run.fetch_history_events()]
    assert any("task_completed" in kind for kind in kinds)
