"""What ends an agent's work early on the real engine: its budget, and a provider that is down."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ActivityError

from agent_desk import activities, agent_workers, call, says, scripted, task
from tenuto.artifacts.store import ArtifactStore
from tenuto.engine.converter import error_code
from tenuto.packs.agents.catalog import agent_task
from tenuto.packs.agents.models import AgentTaskResult
from tenuto.triggers.start import start

NOTE = call("notify.file", name="n", text="x")
TOOLS = [{"activity": "notify.file", "use": "allow"}]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ArtifactStore]:
    """The store of workers that serve agents; policy is off."""
    folder = tmp_path_factory.mktemp("agents")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENUTO_NOTIFY_FOLDER", str(folder / "outbox"))
        async with agent_workers(client, folder) as store:
            yield store


async def ended(
    client: Client, store: ArtifactStore, *replies: dict[str, Any], **fields: Any
) -> AgentTaskResult:
    agent = scripted(store, *replies, tools=TOOLS, **fields)
    run = await start(client, agent_task, task(agent))
    result: AgentTaskResult = await run.result()
    assert (await activities(client, run.id)).count("agents.ask_model") == result.spent.model_calls
    return result


async def test_inv_19_money_is_counted_exactly_and_ends_the_task(
    client: Client, store: ArtifactStore
) -> None:
    replies = [says("More.", NOTE, usd="0.1")] * 5
    result = await ended(client, store, *replies, budget={"usd": "0.3"})
    assert (result.status, str(result.spent.usd)) == ("BUDGET_EXCEEDED", "0.3")
    assert result.spent.model_calls == 3
    assert result.spent.tool_calls == 2  # the third reply's call came after the money was spent
    assert "0.3 of 0.3 US dollars" in result.why


async def test_inv_19_tokens_end_the_task(client: Client, store: ArtifactStore) -> None:
    replies = [says("More.", NOTE, input_tokens=900, output_tokens=100)] * 5
    result = await ended(client, store, *replies, budget={"tokens": 2500})
    assert (result.status, result.spent.model_calls) == ("BUDGET_EXCEEDED", 3)
    assert "3,000 of 2,500 tokens" in result.why


async def test_inv_19_steps_end_the_task(client: Client, store: ArtifactStore) -> None:
    result = await ended(client, store, *[says("More.", NOTE)] * 5, budget={"steps": 5})
    assert (result.status, result.spent.model_calls, result.spent.tool_calls) == (
        "BUDGET_EXCEEDED",
        3,
        2,
    )


async def test_inv_19_time_ends_a_call_that_takes_too_long(
    client: Client, store: ArtifactStore
) -> None:
    slow = says("Late.", after_s=120)
    result = await ended(client, store, slow, budget={"time": timedelta(seconds=1)})
    assert (result.status, result.answer) == ("BUDGET_EXCEEDED", "")
    assert "0:00:01" in result.why


async def test_a_last_reply_within_the_budget_is_an_answer_whatever_it_cost(
    client: Client, store: ArtifactStore
) -> None:
    result = await ended(client, store, says("Done.", usd="5"), budget={"usd": "0.3"})
    assert (result.status, result.answer, str(result.spent.usd)) == ("SUCCESS", "Done.", "5")


async def test_inv_19_a_provider_that_stays_down_fails_the_run_and_keeps_the_transcript(
    client: Client, store: ArtifactStore
) -> None:
    agent = scripted(store, says("First.", NOTE), says("", fails="connection refused"), tools=TOOLS)
    run = await start(client, agent_task, task(agent))
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    cause = failed.value.cause
    assert isinstance(cause, ActivityError)
    assert error_code(cause.cause) == "agents.provider-down"
    described = await run.describe()
    kept = (await described.memo())["tenuto.transcript"]
    page = store.get_bytes(kept["page"]["uri"]).decode()
    assert "First." in page
    assert "connection refused" in page
    history = await run.fetch_history()
    attempts = [
        event.activity_task_started_event_attributes.attempt
        for event in history.events
        if event.HasField("activity_task_started_event_attributes")
    ]
    assert max(attempts) == 3


async def test_a_model_nobody_named_says_what_to_set(
    client: Client, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_AGENTS_MODEL", raising=False)
    agent = scripted(store, says("x"), model="", script=None)
    run = await start(client, agent_task, task(agent))
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    cause = failed.value.cause
    assert isinstance(cause, ActivityError)
    assert error_code(cause.cause) == "agents.no-model"


async def test_the_worker_names_the_model_of_agents_that_name_none(
    client: Client, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = store.put_json({"replies": [says("From the worker's model.")]}, name="script.json")
    store.bind("scripts/plain", script)
    monkeypatch.setenv("TENUTO_AGENTS_MODEL", "scripted:scripts/plain")
    agent = scripted(store, says("x"), model="", script=None)
    result = await (await start(client, agent_task, task(agent))).result()
    assert result.answer == "From the worker's model."
