"""A provider's own client, against a server on this machine that speaks its protocol."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ActivityError

from agent_desk import agent_workers, task, transcript
from tenuto.artifacts.store import ArtifactStore
from tenuto.engine.converter import error_code
from tenuto.packs.agents.catalog import agent_task
from tenuto.packs.agents.models import Agent, AgentTaskResult
from tenuto.testing.loopback import Answer, LoopbackServer, Received
from tenuto.triggers.start import start

pytest.importorskip("openai", reason="the client of OpenAI's protocol is not installed")


class Provider:
    """Answers with what it was given, in order."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []

    def __call__(self, request: Received) -> Answer:
        return self.answers.pop(0)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ArtifactStore]:
    """The store of workers that serve agents; policy is off."""
    folder = tmp_path_factory.mktemp("agents")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENUTO_AGENTS_SCRATCH", str(folder / "scratch"))
        async with agent_workers(client, folder) as store:
            yield store


@pytest.fixture
def provider() -> Provider:
    """What the server answers."""
    return Provider()


@pytest.fixture
def server(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    """The provider, and a worker's environment that names it."""
    with LoopbackServer(provider) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-loopback-0123456789")
        yield server


def reply(text: str = "", *calls: tuple[str, dict[str, Any]]) -> Answer:
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    if calls:
        message["tool_calls"] = [
            {
                "id": f"call-{number}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for number, (name, arguments) in enumerate(calls)
        ]
    body = {
        "id": "chat-1",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": "gpt-4o-mini",
        "choices": [
            {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }
    return _json(200, body)


def _json(status: int, body: Any, **headers: str) -> Answer:
    told = {"content-type": "application/json", **headers}
    return Answer(status=status, headers=told, body=json.dumps(body).encode())


def an_agent(**fields: Any) -> Agent:
    given = {"id": "a:clerk", "model": "openai-chat:gpt-4o-mini"}
    return Agent.model_validate({**given, **fields})


async def ended(client: Client, agent: Agent) -> AgentTaskResult:
    result: AgentTaskResult = await (await start(client, agent_task, task(agent))).result()
    return result


async def failed_with(client: Client, agent: Agent) -> str | None:
    run = await start(client, agent_task, task(agent))
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert isinstance(failed.value.cause, ActivityError)
    return error_code(failed.value.cause.cause)


async def test_inv_19_a_real_client_is_asked_with_tools_and_priced(
    client: Client, store: ArtifactStore, provider: Provider, server: LoopbackServer
) -> None:
    provider.answers = [reply("", ("notify_file", {"name": 1})), reply("Done.")]
    agent = an_agent(tools=[{"activity": "notify.file"}], instructions="Be brief.")
    result = await ended(client, agent)
    assert (result.status, result.answer) == ("SUCCESS", "Done.")
    assert result.spent.tokens == 2200
    assert str(result.spent.usd) == "0.000420000"  # 0.15 and 0.60 dollars for a million tokens
    first, second = (json.loads(request.body) for request in server.received)
    assert first["tools"][0]["function"]["name"] == "notify_file"
    assert "idempotency_key" not in first["tools"][0]["function"]["parameters"]["properties"]
    assert [message["role"] for message in second["messages"]][-2:] == ["assistant", "tool"]
    assert "do not fit" in second["messages"][-1]["content"]
    assert server.received[0].headers["authorization"] == "Bearer sk-loopback-0123456789"
    assert b"sk-loopback" not in store.get_bytes(result.transcript.lines)
    assert transcript(store, result)[-1]["status"] == "SUCCESS"


async def test_inv_19_a_busy_provider_is_asked_again_and_then_answers(
    client: Client, store: ArtifactStore, provider: Provider, server: LoopbackServer
) -> None:
    busy = _json(429, {"error": {"message": "slow down"}}, **{"retry-after-ms": "10"})
    broken = _json(500, {"error": {"message": "oops"}}, **{"retry-after-ms": "10"})
    provider.answers = [busy, broken, busy, broken, reply("At last.")]
    result = await ended(client, an_agent())
    assert (result.status, result.answer) == ("SUCCESS", "At last.")


async def test_a_refused_key_is_not_tried_again(
    client: Client, store: ArtifactStore, provider: Provider, server: LoopbackServer
) -> None:
    provider.answers = [_json(401, {"error": {"message": "wrong key sk-loopback-0123456789"}})]
    assert await failed_with(client, an_agent()) == "agents.key-refused"
    assert len(server.received) == 1


async def test_a_model_without_a_price_needs_one_or_no_limit(
    client: Client, store: ArtifactStore, provider: Provider, server: LoopbackServer
) -> None:
    provider.answers = [reply("Done."), reply("Done."), reply("Done.")]
    named = {"model": "openai-chat:house-model"}
    body = json.loads(provider.answers[0].body)  # type: ignore[arg-type] # bytes, see reply
    house = _json(200, {**body, "model": "house-model"})
    provider.answers = [house, house, house]
    assert await failed_with(client, an_agent(**named)) == "agents.price-unknown"
    priced = await ended(client, an_agent(**named, price={"input": "1", "output": "10"}))
    assert str(priced.spent.usd) == "0.002000000"
    free = await ended(client, an_agent(**named, budget={"usd": None}))
    assert str(free.spent.usd) == "0"
