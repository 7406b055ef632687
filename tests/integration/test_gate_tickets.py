"""A ticket lets one person send one message to one run once."""

import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowUpdateFailedError

from guarded_bodies import PAID
from guarded_catalog import patient
from guarded_desk import Desk, WordRules
from guarded_models import Payment
from tenuto.core.errors import PolicyDenied
from tenuto.engine.content import message_hash, sent_payloads
from tenuto.engine.converter import error_code
from tenuto.engine.headers import header_text, signed
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import events
from tenuto.identity.principal import Authentication
from tenuto.identity.signing import sign
from tenuto.identity.ticket import HEADER_TICKET, NO_POLICY, Ticket
from tenuto.triggers.gate.resources import of_workflow
from tenuto.triggers.origin import Starting

pytestmark = pytest.mark.attack
SAID = {"by": "Ann", "amount": "1.00"}


@pytest_asyncio.fixture(scope="module")
async def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """With policy on, and its worker."""
    desk = Desk(client, tmp_path_factory.mktemp("desk"))
    async with desk.worker():
        yield desk


@pytest_asyncio.fixture
async def run(desk: Desk, request: pytest.FixtureRequest) -> str:
    """Id of a permitted run that waits for an approval; its updates have no validators."""
    named = f"{request.node.name}-{uuid.uuid4().hex[:6]}"
    return (await desk.gate().start(desk.client, patient, Payment(to=named))).id


def ticket(desk: Desk, run: str, said: Any = SAID, **changes: Any) -> str:
    """The signed text of a ticket that fits `approve`, but for `changes`."""
    now = datetime.now(UTC)
    fitting = Ticket(
        jti=uuid.uuid4().hex,
        sub="u:ann",
        act="approve",
        task=run,
        ph=message_hash(sent_payloads(desk.client, [said])),
        iat=now,
        exp=now + timedelta(minutes=5),
        pol=NO_POLICY,
        auth=Authentication(method="local"),
    )
    return sign(fitting.model_copy(update=changes), desk.keys.open("decisions", now))


async def told(desk: Desk, run: str, text: str | None, said: Any = SAID) -> str | None:
    """The code of the refusal of `approve`; None where it was taken."""
    handle = desk.client.get_workflow_handle(run)
    with signed({HEADER_TICKET: text} if text is not None else {}):
        try:
            await handle.execute_update("approve", said)
        except WorkflowUpdateFailedError as failed:
            return error_code(failed.cause)
    return None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"act": "pay_now"}, "ticket.other-message"),
        ({"task": "another-run"}, "ticket.other-message"),
        ({"ph": "0" * 64}, "ticket.other-content"),
        ({"sub": "u:bob"}, "ticket.other-person"),
        (
            {
                "iat": datetime(2026, 1, 1, tzinfo=UTC),
                "exp": datetime(2026, 1, 1, 0, 5, tzinfo=UTC),
            },
            "ticket.expired",
        ),
    ],
)
async def test_a_ticket_for_something_else_is_refused(
    desk: Desk, run: str, changes: Mapping[str, Any], code: str
) -> None:
    assert await told(desk, run, ticket(desk, run, **changes)) == code
    history = await desk.client.get_workflow_handle(run).fetch_history()
    assert not any("update" in str(each.WhichOneof("attributes")) for each in history.events)


async def test_a_message_without_a_ticket_or_with_a_forged_one_is_refused(
    desk: Desk, run: str
) -> None:
    assert await told(desk, run, None) == "ticket.missing"
    good = ticket(desk, run)
    for text in ("", "a.b.c", good[:-6] + "AAAAAA", good.rpartition(".")[0] + "."):
        assert await told(desk, run, text) == "ticket.forged"
    assert await told(desk, run, good, {"by": "Ann", "amount": "9.00"}) == "ticket.other-content"
    assert await told(desk, run, good, {"by": "Ann"}) == "ticket.other-content"


async def test_a_ticket_is_used_once_and_clocks_may_differ(desk: Desk, run: str) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    text = ticket(desk, run, iat=ahead, exp=ahead + timedelta(minutes=5))
    handle = desk.client.get_workflow_handle(run)
    paid = Payment(to=f"{run}-twice")
    twice = ticket(desk, run, paid, act="pay_now")
    with signed({HEADER_TICKET: twice}):
        await handle.execute_update("pay_now", paid)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update("pay_now", paid)
    assert error_code(refused.value.cause) == "ticket.used"
    assert PAID[paid.to] == 1
    assert await told(desk, run, text) is None


async def test_the_gate_says_no_with_the_runs_own_code(desk: Desk, run: str) -> None:
    with pytest.raises(PolicyDenied) as refused:
        await desk.gate("u:ann").update(desk.client, run, "approve", [{"by": "bob"}])
    assert refused.value.code == "ticket.other-person"


async def test_a_key_that_is_new_a_moment_ago_is_no_refusal(desk: Desk, run: str) -> None:
    desk.keys.rotate("decisions", datetime.now(UTC))
    assert await desk.gate().update(desk.client, run, "approve", [SAID]) == "Ann"


@pytest.mark.parametrize("who", ["s:feed", "a:clerk"])
async def test_a_service_and_an_agent_name_themselves_with_their_word(
    desk: Desk, run: str, who: str
) -> None:
    gate = desk.gate(who, WordRules((who, "*", "*")))
    for by in (who.removeprefix("s:").removeprefix("a:"), "u:ann", "x:feed"):
        with pytest.raises(PolicyDenied) as refused:
            await gate.update(desk.client, run, "approve", [{"by": by}])
        assert refused.value.code == "ticket.other-person"
    assert await gate.update(desk.client, run, "approve", [{"by": who.upper()}]) == who.upper()


async def test_a_ticket_of_one_run_fits_no_other_run_of_that_id(desk: Desk, run: str) -> None:
    """Whoever reads a history has its tickets; an id can be used again within their time."""
    await desk.gate().update(desk.client, run, "approve", [SAID])
    await desk.client.get_workflow_handle(run).result()
    (taken,) = [
        event.workflow_execution_update_accepted_event_attributes.accepted_request.input.header
        async for event in events(desk.client, Execution(workflow_id=run))
        if event.HasField("workflow_execution_update_accepted_event_attributes")
    ]
    text = header_text(taken.fields, HEADER_TICKET)
    request = Payment(to=f"{run}-again")
    starting = Starting(
        type_name=patient.type_name, workflow_id=run, queue=patient.queue, arguments=[request]
    )
    permitted = await desk.gate().sign_start(desk.client, of_workflow(patient), {}, starting)
    with signed(permitted):
        again = await desk.start_raw(patient, request, id=run)
    assert await told(desk, run, text) == "ticket.other-run"
    await again.terminate()
    assert PAID[request.to] == 0
