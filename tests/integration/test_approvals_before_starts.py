"""A rule that asks for approvals: people are asked before the start, and their votes let it go."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from guarded_bodies import PAID
from guarded_catalog import payment
from guarded_desk import Desk
from guarded_models import Payment
from tenuto.activities.tasks.pack import pack as tasks
from tenuto.artifacts.store import open_store
from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.messages import Decide
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.catalog.registry import Catalog
from tenuto.cli.redacted_page import redacted
from tenuto.cli.run_page import page_record, read_page
from tenuto.cli.session import Session
from tenuto.cli.tasks.desk import Desk as TaskDesk
from tenuto.core.errors import PolicyDenied, UsageError
from tenuto.engine.admission import Admission
from tenuto.engine.connection import Target
from tenuto.engine.registration import load_registration
from tenuto.engine.rules import start_schemas
from tenuto.engine.runs.execution import Execution
from tenuto.engine.settings import Settings, WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.principal import Principal
from tenuto.policy.cedar import CedarPolicy, load_policy
from tenuto.policy.redaction import HIDDEN
from tenuto.triggers.gate.approving import Asked
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.tasks.acting import tell_task
from tenuto.triggers.tasks.reading import describe_task, read_task

RULES = """
@id("large") @requires_approval("2 g:approvers")
permit (principal in Group::"g:desk", action == Action::"workflow:start/payment", resource);
@id("decides") permit (principal, action == Action::"task:decide", resource)
when { resource.candidates.containsAny(principal.words) };
@id("four-eyes") forbid (principal, action == Action::"task:decide", resource)
when { resource has requester && resource.requester == principal.id };
@id("reads") @redact("shown.input.to")
permit (principal in Group::"g:desk", action == Action::"task:read", resource);
"""


class Office:
    """A desk whose payments two approvers let go."""

    def __init__(self, desk: Desk, rules: CedarPolicy) -> None:
        self.desk = desk
        self._rules = rules

    def gate(self, who: str, *groups: str) -> Gate:
        return Gate(
            Principal(id=who, groups=groups), self._rules, self.desk.keys, self.desk.records
        )

    @property
    def ann(self) -> Gate:
        return self.gate("u:ann", "g:desk", "g:approvers")

    async def ask(self, to: str, named: str | None = None) -> Asked:
        return await self.ann.ask(self.desk.client, payment, Payment(to=to), workflow_id=named)

    async def start(self, to: str, named: str | None) -> None:
        run = await self.ann.start(self.desk.client, payment, Payment(to=to), workflow_id=named)
        await run.result()

    async def approve(self, task: str, *people: str, decision: Any = "approve") -> None:
        for who in people:
            request = (await read_task(self.desk.client, task)).task.request
            message = Decide(decision=decision, seen=request.seen, comment="looked at it")
            await tell_task(self.desk.client, self.gate(who, "g:approvers"), task, message)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    (folder / "rules.cedar").write_text(RULES)
    desk = Desk(client, folder)
    (worker,) = build_workers(
        client,
        load_registration([tasks]),
        WorkerSettings(),
        is_embedded=True,
        admission=Admission(is_demanded=True),
    )
    async with desk.worker(), worker:
        yield Office(desk, load_policy(folder, start_schemas(Catalog([payment]))))


async def test_inv_6_two_approvals_let_exactly_this_start_go_once(office: Office) -> None:
    with pytest.raises(PolicyDenied) as early:
        await office.start("payee", None)
    assert early.value.code == "policy.needs-approval"
    assert "--ask" in early.value.message
    asked = await office.ask("payee")
    (task,) = asked.tasks
    assert task == f"task/{asked.workflow_id}/large"
    assert await office.ask("payee", asked.workflow_id) == asked
    with pytest.raises(PolicyDenied):
        await office.approve(task, "u:ann")
    await office.approve(task, "u:ben")
    with pytest.raises(PolicyDenied):
        await office.start("payee", asked.workflow_id)
    await office.approve(task, "u:cyd")
    for to, named in (("another-payee", asked.workflow_id), ("payee", f"other-{uuid4().hex}")):
        with pytest.raises(PolicyDenied):
            await office.start(to, named)
    await office.start("payee", asked.workflow_id)
    with pytest.raises(UsageError) as again:
        await office.start("payee", asked.workflow_id)
    assert again.value.code == "start.id-taken"
    assert (PAID["payee"], PAID["another-payee"]) == (1, 0)
    decisions: list[Any] = office.desk.records.of("decision")
    decided = next(each for each in decisions if "approvals" in each["context"])
    assert [vote["by"] for vote in decided["context"]["approvals"]] == ["u:ben", "u:cyd"]


async def test_inv_6_what_was_rejected_is_asked_again_and_old_votes_do_not_count(
    office: Office,
) -> None:
    asked = await office.ask("rejected-payee")
    await office.approve(asked.tasks[0], "u:ben")
    await office.approve(asked.tasks[0], "u:cyd", decision="reject")
    again = await office.ask("rejected-payee", asked.workflow_id)
    assert again.tasks == (f"{asked.tasks[0]}-2",)
    await office.approve(again.tasks[0], "u:cyd")
    with pytest.raises(PolicyDenied):
        await office.start("rejected-payee", asked.workflow_id)
    assert PAID["rejected-payee"] == 0


@pytest.mark.attack
async def test_inv_6_a_task_that_somebody_made_himself_counts_for_nothing(office: Office) -> None:
    """It says `approved`, of itself or by a worker of its own; no ticket says who did."""
    client, named = office.desk.client, f"forged-{uuid4().hex}"
    request = TaskRequest(title="Approved", candidates=("g:approvers",))
    evil = f"task/{named}/large"
    is_approved = SearchAttributePair(SearchAttributeKey.for_keyword("TenutoState"), "approved")
    await client.start_workflow(
        human_task.type_name,
        request,
        id=evil,
        task_queue="nobody",
        search_attributes=TypedSearchAttributes([is_approved]),
    )
    with pytest.raises(UsageError) as foreign:
        await describe_task(client, evil)
    assert foreign.value.code == "task.not-a-task"
    with pytest.raises(PolicyDenied) as refused:
        await office.start("forged-payee", named)
    assert refused.value.code == "policy.needs-approval"
    assert (await office.ask("forged-payee", named)).tasks == (f"{evil}-2",)
    assert PAID["forged-payee"] == 0


@pytest.mark.attack
async def test_what_rules_hide_is_shown_hidden_or_not_at_all(
    office: Office, tmp_path: Path
) -> None:
    asked = await office.ask("LU28-0019")
    session = Session(
        settings=Settings(root=tmp_path),
        target=Target(address="127.0.0.1:1", origin="embedded"),
        client=office.desk.client,
        store=open_store(str(tmp_path / "artifacts")),
    )
    clerk = office.gate("u:fay", "g:desk")
    (task,) = asked.tasks
    told = await TaskDesk(session=session, gate=clerk).told(task)
    shown: Any = told.task.request.shown["input"]
    assert shown["to"] == HIDDEN
    with pytest.raises(PolicyDenied) as refused:
        await clerk.query(office.desk.client, task, "view")
    assert refused.value.code == "policy.cannot-redact"

    run = await office.desk.start_raw(payment, Payment(to="LU28-0019"))
    page = await read_page(session, Execution(workflow_id=run.id), with_payloads=True)
    assert "LU28-0019" in str(page_record(page)["input"])
    assert "LU28-0019" not in str(page_record(redacted(page, ("input.to",)))["input"])
    hidden = redacted(page, ("result",))
    assert not any(step.input or step.output for step in hidden.history.steps)
