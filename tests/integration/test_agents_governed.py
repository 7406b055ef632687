"""A governed task on the real engine: policy, then people, then the agent, then clean-up."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

from agent_desk import activities, agent_workers, call, decide, governed, says, scripted
from task_desk import refused
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import TransientError, UsageError
from tenuto.engine.converter import error_code
from tenuto.engine.runs import origin
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.ticket import NO_POLICY
from tenuto.packs.agents import names
from tenuto.packs.agents.catalog import QUEUE, governed_task
from tenuto.packs.agents.models import GovernedTaskRequest, GovernedTaskResult
from tenuto.policy.cedar import load_policy
from tenuto.policy.current import use_policy
from tenuto.policy.decision import Decision, PolicyEngine, Question
from tenuto.testing import eventually
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory
from tenuto.triggers.start import Handle, start

RULES = """
@id("start") permit (principal == User::"u:rex", action in Action::"workflow:start", resource);

@id("no-forbidden") @reason("the text begins with a word that is not allowed")
forbid (principal, action in Action::"workflow:start", resource)
when { context.text like "*\\nforbidden*" };

@id("agents-tools") permit (principal is Agent, action == Action::"agent:tool", resource)
when { resource.risk < 5 };

@id("agents-notes")
permit (principal is Agent, action == Action::"agent:tool-unattended", resource)
when { !resource.writes };
"""
FILE = "notify.file"


def policy(folder: Path, text: str = RULES) -> PolicyEngine:
    """The rules as an engine that knows the governed task's input."""
    folder.mkdir(exist_ok=True)
    (folder / "agents.cedar").write_text(text)
    return load_policy(folder, {governed_task.name: GovernedTaskRequest.model_json_schema()})


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[PolicyEngine]:
    """Policy is on in the workers of this process."""
    engine = policy(tmp_path / "policy")
    use_policy(engine)
    yield engine
    use_policy(None)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ArtifactStore]:
    """The store of workers that serve agents."""
    folder = tmp_path_factory.mktemp("agents")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENUTO_NOTIFY_FOLDER", str(folder / "outbox"))
        patch.setenv("TENUTO_AGENTS_SCRATCH", str(folder / "scratch"))
        (folder / "scratch").mkdir()
        async with agent_workers(client, folder) as store:
            yield store


@pytest.fixture
def scratch(store: ArtifactStore) -> Path:
    """Where tasks keep notes."""
    return Path(os.environ["TENUTO_AGENTS_SCRATCH"])


async def begin(client: Client, request: GovernedTaskRequest) -> Handle:
    return await start(client, governed_task, request)


async def test_inv_1_a_task_goes_through_every_step(
    client: Client, store: ArtifactStore, rules: PolicyEngine, scratch: Path
) -> None:
    note = call("agents.write_note", name="plan.md", text="step one")
    agent = scripted(
        store, says("Planning.", note), says("Done."), tools=[{"activity": "agents.write_note"}]
    )
    run = await begin(client, governed(agent, "Plan the day."))
    await decide(client, f"task/{run.id}/launch", "approve", comment="go on")
    result: GovernedTaskResult = await run.result()
    assert (result.status, result.policy.allowed) == ("SUCCESS", True)
    assert result.policy.rules == ("start",)
    assert result.policy.policy == rules.digest
    assert result.approval is not None
    assert (result.approval.by, result.approval.state) == ("u:ann", "approved")
    assert result.agent is not None
    assert result.agent.answer == "Done."
    assert list(scratch.iterdir()) == []
    assert await activities(client, run.id) == [
        "agents.launch",
        "agents.ask_policy",
        "agents.clean_up",
    ]


@pytest.mark.attack
@pytest.mark.parametrize(
    "texts", [("forbidden: rm -rf prod",), ("fine", "Forbidden fruit"), ("\uff26orbidden fruit",)]
)
async def test_inv_3_denied_input_ends_the_run_at_once(
    client: Client,
    store: ArtifactStore,
    rules: PolicyEngine,
    scratch: Path,
    texts: tuple[str, ...],
) -> None:
    run = await begin(client, governed(scripted(store, says("Done.")), *texts))
    result: GovernedTaskResult = await run.result()
    assert (result.status, result.approval, result.agent) == ("POLICY_DENIED", None, None)
    assert "no-forbidden" in result.why
    assert (result.policy.policy, len(result.policy.question)) == (rules.digest, 64)
    history = await run.fetch_history()
    assert not any(
        event.HasField("start_child_workflow_execution_initiated_event_attributes")
        for event in history.events
    )
    assert list(scratch.iterdir()) == []


@pytest.mark.attack
async def test_inv_4_a_string_for_a_list_is_refused_at_the_edge(
    client: Client, store: ArtifactStore
) -> None:
    values: dict[str, Any] = governed(scripted(store, says("x"))).model_dump(mode="json")
    values["texts"] = "forbidden: rm -rf prod"
    with pytest.raises(UsageError, match="texts") as refused:
        await start(client, governed_task, values)
    assert refused.value.code == "input.invalid"


@pytest.mark.attack
async def test_inv_4_a_string_for_a_list_past_the_edge_starts_nothing(
    client: Client, store: ArtifactStore
) -> None:
    values: dict[str, Any] = governed(scripted(store, says("x"))).model_dump(mode="json")
    values["texts"] = "forbidden: rm -rf prod"
    run = await client.start_workflow(
        governed_task.type_name, values, id=f"raw-{id(values)}", task_queue=QUEUE
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert "texts" in str(failed.value.cause)
    assert await activities(client, run.id) == []


class Down:
    """Rules that cannot be asked, until they can."""

    digest = "d" * 64

    def __init__(self, failures: int, then: PolicyEngine) -> None:
        self.asked = 0
        self._failures = failures
        self._then = then

    def texts(self) -> dict[str, str]:
        return {}

    def decide(self, question: Question) -> Decision:
        self.asked += 1
        if self.asked <= self._failures:
            raise TransientError("no rules here", code="policy.away")
        return self._then.decide(question)


@pytest.mark.attack
async def test_inv_3_without_an_answer_from_policy_nothing_starts(
    client: Client, store: ArtifactStore, rules: PolicyEngine, scratch: Path
) -> None:
    down = Down(3, rules)
    use_policy(down)
    run = await begin(client, governed(scripted(store, says("Done."))))
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert isinstance(failed.value.cause, ActivityError)
    assert isinstance(failed.value.cause.cause, ApplicationError)
    assert down.asked == 3
    assert await activities(client, run.id) == [
        "agents.launch",
        "agents.ask_policy",
        "agents.clean_up",
    ]
    assert list(scratch.iterdir()) == []


async def test_inv_3_policy_that_comes_back_is_asked_again(
    client: Client, store: ArtifactStore, rules: PolicyEngine
) -> None:
    use_policy(Down(1, rules))
    run = await begin(client, governed(scripted(store, says("Done.")), "forbidden"))
    assert (await run.result()).status == "POLICY_DENIED"


async def test_inv_3_rules_that_change_after_the_start_change_no_decision(
    client: Client, store: ArtifactStore, rules: PolicyEngine, tmp_path: Path
) -> None:
    run = await begin(client, governed(scripted(store, says("Done."))))
    task_id = f"task/{run.id}/launch"

    async def asks() -> None:
        described = await client.get_workflow_handle(task_id).describe()
        assert described.status is not None

    await eventually_there(asks)
    use_policy(policy(tmp_path / "other", '@id("none") forbid (principal, action, resource);'))
    await decide(client, task_id, "approve")
    result: GovernedTaskResult = await run.result()
    assert (result.status, result.policy.policy) == ("SUCCESS", rules.digest)


async def eventually_there(check: Any) -> None:
    async def there() -> None:
        try:
            await check()
        except RPCError as missing:
            raise AssertionError(missing.message) from missing

    await eventually(there)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"tools": [{"activity": "agents.write_not"}]}, "catalog.unknown-name"),
        ({"tools": [{"activity": FILE, "fixed": {"foldr": "x"}}]}, "agents.tool-unfit"),
        ({"model": ""}, "agents.no-model"),
        ({"script": None}, "agents.script-missing"),
    ],
)
async def test_nobody_is_asked_about_an_agent_that_cannot_run(
    client: Client, store: ArtifactStore, wrong: dict[str, Any], code: str
) -> None:
    run = await begin(client, governed(scripted(store, says("Done."), **wrong)))
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert isinstance(failed.value.cause, ActivityError)
    assert error_code(failed.value.cause.cause) == code
    assert await activities(client, run.id) == ["agents.launch"]


async def test_inv_10_a_rejection_names_who_when_and_why(
    client: Client, store: ArtifactStore, scratch: Path
) -> None:
    run = await begin(client, governed(scripted(store, says("Done."))))
    await decide(client, f"task/{run.id}/launch", "reject", comment="not on a Friday")
    result: GovernedTaskResult = await run.result()
    assert (result.status, result.agent) == ("REJECTED", None)
    assert result.approval is not None
    assert result.approval.by == "u:ann"
    assert "not on a Friday" in result.why
    assert result.approval.at.year >= 2024
    assert result.policy.policy == NO_POLICY
    assert list(scratch.iterdir()) == []


@pytest.mark.attack
async def test_inv_3_a_rule_on_an_argument_refuses_the_call(
    client: Client, store: ArtifactStore, rules: PolicyEngine, tmp_path: Path
) -> None:
    no_climbing = """
        @id("no-climbing") forbid (principal, action == Action::"agent:tool", resource)
        when { context.text like "*\\ntext\\n../*" };
    """
    use_policy(policy(tmp_path / "stricter", RULES + no_climbing))
    notes = [call("agents.write_note", name="a.md", text=text) for text in ("../etc", "x ../etc")]
    agent = scripted(
        store,
        *(says("Noting.", note) for note in notes),
        says("Done."),
        tools=[{"activity": "agents.write_note"}],
    )
    run = await begin(client, governed(agent))
    await decide(client, f"task/{run.id}/launch", "approve")
    result: GovernedTaskResult = await run.result()
    assert result.agent is not None
    assert (result.agent.status, result.agent.denied) == ("SUCCESS", 1)


@pytest.mark.attack
async def test_inv_12_the_requester_does_not_let_his_own_task_start(
    client: Client, store: ArtifactStore
) -> None:
    request = governed(scripted(store, says("Done.")), approvers=("u:rex", "u:ann"))
    run = await begin(client, request)
    own = decide(client, f"task/{run.id}/launch", "approve", as_="u:rex")
    assert await refused(own) == "task.own-request"
    await decide(client, f"task/{run.id}/launch", "approve")
    assert (await run.result()).status == "SUCCESS"


@pytest.mark.attack
async def test_inv_19_policy_denies_a_tool_mid_run_and_asks_for_another(
    client: Client, store: ArtifactStore, rules: PolicyEngine
) -> None:
    note = call("agents.write_note", name="plan.md", text="step one")
    drop = call(FILE, name="mid-run", text="x")
    agent = scripted(
        store,
        says("A note.", note),
        says("A page.", call("notify.webhook", **WEBHOOK)),
        says("A file.", drop),
        says("Done."),
        tools=[
            {"activity": "agents.write_note"},
            {"activity": "notify.webhook", "risk": 8},
            {"activity": FILE, "risk": 2},
        ],
    )
    run = await begin(client, governed(agent))
    await decide(client, f"task/{run.id}/launch", "approve")
    await decide(client, f"task/{run.id}/agent/tool-1", "approve")
    result: GovernedTaskResult = await run.result()
    assert result.status == "SUCCESS"
    assert result.agent is not None
    assert result.agent.denied == 1
    lines = store.get_bytes(result.agent.transcript.lines).decode().splitlines()
    decisions = [each for each in map(json.loads, lines) if each["kind"] == "decision"]
    assert [each["verdict"] for each in decisions] == ["allow", "deny", "ask"]
    assert {answer["policy"] for each in decisions for answer in each["answers"]} == {rules.digest}
    ran = await activities(client, f"{run.id}/agent")
    assert ("notify.webhook" in ran, ran.count(FILE)) == (False, 1)


WEBHOOK = {
    "url": "https://elsewhere.example.com/hook",
    "secrets": ["secret://env/HOOK"],
    "type": "order.released",
    "occurred_at": "2026-03-31T12:00:00Z",
}


async def test_a_cancelled_task_cancels_its_agent_and_cleans_up(
    client: Client, store: ArtifactStore, scratch: Path
) -> None:
    run = await begin(client, governed(scripted(store, says("", after_s=300))))
    await decide(client, f"task/{run.id}/launch", "approve")

    async def works() -> None:
        assert "agents.ask_model" in await activities(client, f"{run.id}/agent")

    await eventually_there(works)
    await run.cancel()
    with pytest.raises(WorkflowFailureError):
        await run.result()
    child = await client.get_workflow_handle(f"{run.id}/agent").describe()
    assert child.status is not None
    assert child.status.name == "CANCELED"
    assert "tenuto.transcript" in await child.memo()
    assert list(scratch.iterdir()) == []


@pytest.mark.attack
async def test_who_started_a_task_in_another_name_does_not_decide_on_it(
    client: Client, store: ArtifactStore, tmp_path: Path
) -> None:
    """The input says bob asked for it; the gate knows that ann did."""
    gate = Gate(Principal(id="u:ann"), None, KeyFolder(tmp_path / "keys"), RecordsInMemory())
    drop = call(FILE, name="in-another-name", text="x")
    agent = scripted(
        store, says("", drop), says("Done."), tools=[{"activity": FILE}], approvers=("g:heads",)
    )
    asked = governed(agent, requester="u:bob", approvers=("u:ann", "u:ben"))
    run = await gate.start(client, governed_task, asked)
    own = decide(client, f"task/{run.id}/launch", "approve", as_="u:ann")
    assert await refused(own) == "task.own-request"
    await decide(client, f"task/{run.id}/launch", "approve", as_="u:ben")
    await run.cancel()


def test_the_gates_memo_key_is_the_one_that_is_read() -> None:
    assert names.STARTED_BY == origin.STARTED_BY
