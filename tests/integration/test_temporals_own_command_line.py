"""Temporal's own command line starts nothing, decides nothing, and leaves the worker standing."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
    ScheduleActionExecutionStartWorkflow,
    WorkflowHandle,
)

from guarded_bodies import PAID
from guarded_catalog import QUEUE, patient
from guarded_desk import Desk, refusal
from guarded_models import Payment
from temporal_cli import Answer, temporal
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import events
from tenuto.identity.ticket import HEADER_PERMIT, HEADER_TICKET
from tenuto.testing import eventually

pytestmark = pytest.mark.attack


@pytest_asyncio.fixture(scope="module")
async def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """With policy on, and its worker."""
    desk = Desk(client, tmp_path_factory.mktemp("desk"))
    async with desk.worker():
        yield desk


@pytest.fixture
def named() -> str:
    """Whoever would be paid in this test, and the id of the run."""
    return f"cli-{uuid.uuid4().hex[:8]}"


def money(named: str) -> tuple[str, ...]:
    """The options that say what to pay."""
    return ("--input", Payment(to=named, amount="1000000.00").model_dump_json())


def run_of(named: str, type_name: str = "Payment") -> tuple[str, ...]:
    """The options that say what to start."""
    return ("--type", type_name, "--task-queue", QUEUE, "--workflow-id", named)


async def start(desk: Desk, named: str, *more: str) -> WorkflowHandle[Any, Any]:
    """The run that `temporal workflow start` has made."""
    answer = await temporal(desk.client, "workflow", "start", *run_of(named), *more)
    assert answer.is_good, answer.text
    return desk.client.get_workflow_handle(named)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ((), "permit.missing"),
        (("--headers", f'{HEADER_PERMIT}="e30.e30.AA"'), "permit.forged"),
        (("--headers", f'{HEADER_PERMIT}={{"alg":"none"}}'), "permit.missing"),
        (("--memo", 'TenutoStartedBy="u:ann"'), "permit.missing"),
        (("--search-attribute", 'TemporalScheduledById="definition/a/b"'), "permit.missing"),
    ],
    ids=["bare", "forged", "no text", "memo", "schedule"],
)
async def test_a_start_is_refused(desk: Desk, named: str, more: tuple[str, ...], code: str) -> None:
    run = await start(desk, named, *money(named), *more)
    assert await refusal(run) == code
    assert PAID[named] == 0


async def test_what_comes_with_a_start_is_refused_with_it(desk: Desk, named: str) -> None:
    message = Payment(to=named).model_dump_json()
    waiting = run_of(named, "Patient")
    signal = ("--signal-name", "pay_soon", "--signal-input", message)
    answer = await temporal(
        desk.client, "workflow", "signal-with-start", *signal, *waiting, *money(named)
    )
    assert answer.is_good, answer.text
    assert await refusal(desk.client.get_workflow_handle(named)) == "permit.missing"
    update = ("--update-name", "pay_now", "--update-input", message)
    answer = await temporal(
        desk.client,
        *("workflow", "execute-update-with-start", *update, *waiting, *money(named)),
        *("--id-conflict-policy", "Fail"),
    )
    assert not answer.is_good
    assert await refusal(desk.client.get_workflow_handle(named)) == "permit.missing"
    assert PAID[named] == 0


async def test_a_schedule_of_somebody_starts_nothing(desk: Desk, named: str) -> None:
    made = await temporal(
        desk.client,
        *("schedule", "create", "--schedule-id", named, "--interval", "1s"),
        *(*run_of(named), *money(named)),
    )
    assert made.is_good, made.text
    schedule = desk.client.get_schedule_handle(named)

    async def has_started() -> str:
        started = (await schedule.describe()).info.recent_actions
        assert started
        action = started[0].action
        assert isinstance(action, ScheduleActionExecutionStartWorkflow)
        return action.workflow_id

    run = desk.client.get_workflow_handle(await eventually(has_started))
    await schedule.delete()
    assert await refusal(run) == "permit.missing"
    assert PAID[named] == 0


async def test_an_update_is_refused_before_it_is_written(desk: Desk, named: str) -> None:
    run = await desk.gate().start(desk.client, patient, Payment(to=named))

    async def told(*more: str) -> Answer:
        return await temporal(
            desk.client,
            *("workflow", "update", "execute", "--workflow-id", run.id, "--name", "approve"),
            *("--input", json.dumps({"by": "ann", "amount": "0"}), *more),
        )

    for more, why in (
        ((), "without one"),
        (("--headers", f'{HEADER_TICKET}="e30.e30.AA"'), "not genuine"),
        (("--headers", f"{HEADER_TICKET}=[[[[]]]]"), ""),
        (("--input-meta", "encoding=binary/encrypted"), ""),
        (("--input-meta", "encoding=binary/protobuf"), ""),
    ):
        answer = await told(*more)
        assert not answer.is_good, more
        assert why in answer.text
    history = [each async for each in events(desk.client, Execution(workflow_id=run.id))]
    assert not any("update" in str(each.WhichOneof("attributes")) for each in history)
    assert await desk.gate().update(desk.client, run.id, "approve", [{"by": "ann"}]) == "ann"
