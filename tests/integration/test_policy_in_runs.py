"""Rules decide in real runs: what they deny does not begin, and every answer stays in a history."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle

from definition_desk import compiled, replays, start
from guarded_bodies import PAID
from guarded_catalog import payment
from guarded_desk import Desk, refusal
from guarded_models import Payment
from tenuto.activities.definitions.pack import pack
from tenuto.catalog.registry import Catalog
from tenuto.core.errors import PolicyDenied
from tenuto.engine.registration import load_registration
from tenuto.engine.rules import start_schemas
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.principal import Principal
from tenuto.policy.cedar import CedarPolicy, load_policy
from tenuto.policy.current import use_policy
from tenuto.triggers.gate.gate import Gate
from tenuto.workflows.interpreter.entry import QUEUE

RULES = r"""
@id("desk-starts")
permit (principal in Group::"g:desk", action in Action::"workflow:start", resource);
@id("forbidden") @reason("an input may not begin with `forbidden`")
forbid (principal, action in Action::"workflow:start", resource)
when { context.text like "*\nforbidden*" };
@id("pay-ann") forbid (principal, action == Action::"workflow:start/payment", resource)
when { context.input.to == "mallory" };
@id("releases") permit (principal == User::"u:ann", action == Action::"payment.release", resource)
when { context.input.amount.lessThanOrEqual(decimal("100.0")) };
"""
ACTIONS = (
    "payment.release: {type: object, properties: {amount: {type: number}}, required: [amount]}"
)
CHECK = """
do:
  - ask:
      call: policy.check
      with: { action: payment.release, principal: %s, context: { amount: "%s" } }
"""


def _rules(folder: Path, text: str) -> CedarPolicy:
    (folder / "rules.cedar").write_text(text, "utf-8")
    (folder / "actions.yaml").write_text(ACTIONS, "utf-8")
    return load_policy(folder, start_schemas(Catalog([payment])))


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[CedarPolicy]:
    engine = _rules(tmp_path, RULES)
    use_policy(engine)
    yield engine
    use_policy(None)


@pytest_asyncio.fixture(scope="module")
async def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    desk = Desk(client, tmp_path_factory.mktemp("desk"))
    async with desk.worker():
        yield desk


@pytest_asyncio.fixture(scope="module")
async def interpreter(client: Client) -> AsyncIterator[None]:
    (worker,) = build_workers(
        client, load_registration([pack]), WorkerSettings(), queues=[QUEUE], is_embedded=True
    )
    async with worker:
        yield


def _gate(desk: Desk, rules: CedarPolicy, groups: tuple[str, ...] = ("g:desk",)) -> Gate:
    return Gate(Principal(id="u:ann", groups=groups), rules, desk.keys, desk.records)


async def test_inv_3_a_permitted_start_runs_with_the_digest_of_its_rules(
    desk: Desk, rules: CedarPolicy
) -> None:
    run = await _gate(desk, rules).start(desk.client, payment, Payment(to="permitted-by-rules"))
    await run.result()
    assert PAID["permitted-by-rules"] == 1
    permit = desk.records.of("permit")[-1]
    assert (permit["pol"], permit["rules"]) == (rules.digest, ["desk-starts"])


@pytest.mark.attack
@pytest.mark.parametrize(
    ("to", "rule"),
    [("forbidden: rm -rf prod", "forbidden"), ("Forbidden", "forbidden"), ("mallory", "pay-ann")],
)
async def test_inv_4_a_denied_input_never_runs(
    desk: Desk, rules: CedarPolicy, to: str, rule: str
) -> None:
    wanted = f"denied-{uuid.uuid4()}"
    with pytest.raises(PolicyDenied) as denied:
        await _gate(desk, rules).start(desk.client, payment, Payment(to=to), workflow_id=wanted)
    assert denied.value.details["rules"] == [rule]
    assert desk.records.of("refusal")[-1]["policy"] == rules.digest
    assert PAID[to] == 0
    raw = await desk.start_raw(payment, Payment(to=to), id=wanted)
    assert await refusal(raw) == "permit.missing"
    assert PAID[to] == 0


async def test_inv_3_rules_that_changed_after_the_start_do_not_stop_the_run(
    desk: Desk, rules: CedarPolicy, tmp_path: Path
) -> None:
    run = await _gate(desk, rules).start(desk.client, payment, Payment(to="before-the-change"))
    nobody = RULES.replace('"g:desk"', '"g:nobody"')
    changed = _rules(tmp_path, nobody)
    await run.result()
    assert PAID["before-the-change"] == 1
    with pytest.raises(PolicyDenied):
        await _gate(desk, changed).start(desk.client, payment, Payment(to="after-the-change"))
    assert PAID["after-the-change"] == 0


async def test_inv_3_the_answer_stays_in_the_history_whatever_rules_say_later(
    client: Client, interpreter: None, rules: CedarPolicy, tmp_path: Path
) -> None:
    run = await start(client, compiled(CHECK % ("ann", "100")))
    result = await _ended(run)
    assert (result["rules"], result["policy"]) == (["releases"], rules.digest)
    use_policy(None)
    await replays(run, tmp_path)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("who", "amount"), [("ann", "100.01"), ("bob", "1"), ("ann", "1.00001"), ("ann", "much")]
)
async def test_inv_3_a_refusal_ends_the_run_at_once(
    client: Client, interpreter: None, rules: CedarPolicy, who: str, amount: str
) -> None:
    run = await start(client, compiled(CHECK % (who, amount)))
    assert await asyncio.wait_for(refusal(run), 20) is not None
    (told,) = await _refusals(run)
    assert "policy.denied" in told
    assert rules.digest in told


@pytest.mark.attack
async def test_without_rules_nothing_is_allowed(client: Client, interpreter: None) -> None:
    use_policy(None)
    run = await start(client, compiled(CHECK % ("ann", "1")))
    assert await asyncio.wait_for(refusal(run), 20) is not None
    (told,) = await _refusals(run)
    assert "policy.off" in told


async def _refusals(run: WorkflowHandle[Any, Any]) -> list[str]:
    """What each failed activity's event holds."""
    events = [event async for event in run.fetch_history_events()]
    failures = [
        event.activity_task_failed_event_attributes.failure
        for event in events
        if event.HasField("activity_task_failed_event_attributes")
    ]
    return [
        " ".join(each.data.decode() for each in failure.application_failure_info.details.payloads)
        + failure.application_failure_info.type
        for failure in failures
    ]


async def _ended(run: WorkflowHandle[Any, Any]) -> Any:
    return await asyncio.wait_for(run.result(), 20)
