"""Runs that passed the gate begin; what they start and go on as is theirs."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio.client import Client

from guarded_bodies import PAID
from guarded_catalog import asking, gathering, patient, payment, rolling
from guarded_desk import PACK, Desk, WordRules, refusal
from guarded_models import Payment, Rounds
from tenuto.core.errors import PolicyDenied
from tenuto.engine.registration import load_registration
from tenuto.engine.service import speak_through
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.service import WORKER, GateForActivities


@pytest_asyncio.fixture(scope="module")
async def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """With policy on, and its worker."""
    desk = Desk(client, tmp_path_factory.mktemp("desk"))
    async with desk.worker():
        yield desk


async def test_a_run_that_policy_allows_begins_and_its_permit_is_one_event(desk: Desk) -> None:
    run = await desk.gate().start(desk.client, payment, Payment(to="begins"))
    await run.result()
    assert PAID["begins"] == 1
    kinds = [event.WhichOneof("attributes") async for event in run.fetch_history_events()]
    assert sum("marker" in str(kind) for kind in kinds) == 1
    assert not any("upsert" in str(kind) for kind in kinds)


async def test_a_run_that_policy_denies_is_not_started(desk: Desk) -> None:
    with pytest.raises(PolicyDenied) as denied:
        await desk.gate("u:bob").start(desk.client, payment, Payment(to="bob"), workflow_id="bobs")
    assert denied.value.code == "policy.denied"
    assert desk.records.of("refusal")[-1]["principal"] == "u:bob"
    assert PAID["bob"] == 0


@pytest.mark.attack
async def test_a_raw_start_ends_before_its_first_step(desk: Desk) -> None:
    run = await desk.start_raw(payment, Payment(to="raw"))
    assert await refusal(run) == "permit.missing"
    assert PAID["raw"] == 0


async def test_children_and_further_histories_of_a_permitted_run_begin(desk: Desk) -> None:
    run = await desk.gate().start(desk.client, gathering, Rounds(to="family", left=2))
    await run.result()
    assert PAID["family"] == 4
    run = await desk.gate().start(desk.client, rolling, Rounds(to="rolls", left=3))
    await desk.client.get_workflow_handle(run.id).result()
    assert PAID["rolls"] == 3


async def test_an_update_through_the_gate_carries_a_ticket(desk: Desk) -> None:
    run = await desk.gate().start(desk.client, patient, Payment(to="patient"))
    answer = await desk.gate().update(desk.client, run.id, "approve", [{"by": "Ann"}])
    assert answer == "Ann"
    await run.result()
    assert PAID["patient"] == 1


async def test_what_an_activity_starts_is_signed_for_the_worker_and_needs_a_rule(
    desk: Desk,
) -> None:
    may = WordRules(("s:worker", "workflow:start", "patient"), ("s:worker", "run:update", "*"))
    catalog = load_registration([PACK]).catalog
    speak_through(GateForActivities(Gate(WORKER, may, desk.keys, desk.records), catalog))
    try:
        run = await desk.gate().start(desk.client, asking, Payment(to="asked"))
        assert await refusal(run) is None
        assert PAID["asked"] == 1
        nothing = WordRules()
        speak_through(GateForActivities(Gate(WORKER, nothing, desk.keys, desk.records), catalog))
        run = await desk.gate().start(desk.client, asking, Payment(to="not-asked"))
        assert await refusal(run) == "policy.denied"
        assert PAID["not-asked"] == 0
    finally:
        speak_through(None)
    assert {"u:ann", "s:worker"} <= {record["sub"] for record in desk.records.of("permit")}
