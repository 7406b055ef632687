"""Tool calls of an agent on the real engine: judged, asked about, decided, carried out or not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from agent_desk import (
    PACKS,
    activities,
    agent_workers,
    call,
    decide,
    says,
    scripted,
    task,
    transcript,
)
from task_desk import refused
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.engine.registration import load_registration
from tenuto.engine.replay import replay_history
from tenuto.packs.agents.catalog import agent_task
from tenuto.packs.agents.models import Agent, AgentTaskResult
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

FILE = "notify.file"
DROP = call(FILE, name="order", text="release it")
TOOLS = [{"activity": FILE}]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ArtifactStore]:
    """The store of workers that serve agents; policy is off."""
    folder = tmp_path_factory.mktemp("agents")
    async with agent_workers(client, folder, modules=["plain_tools"]) as store:
        yield store


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `notify.file` puts files."""
    monkeypatch.setenv("TENUTO_NOTIFY_FOLDER", str(tmp_path / "outbox"))
    return tmp_path / "outbox"


async def begin(client: Client, agent: Agent, **fields: Any) -> Handle:
    return await start(client, agent_task, task(agent, **fields))


def told(store: ArtifactStore, result: AgentTaskResult, kind: str) -> list[dict[str, Any]]:
    return [line for line in transcript(store, result) if line["kind"] == kind]


def dropped(outbox: Path) -> list[str]:
    return sorted(path.name for path in outbox.iterdir()) if outbox.exists() else []


async def test_inv_19_a_person_approves_a_call(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(store, says("Dropping it.", DROP), says("Done."), tools=TOOLS)
    run = await begin(client, agent)
    task_id = f"task/{run.id}/tool-1"
    await decide(client, task_id, "approve", comment="looks right")
    result = await run.result()
    assert (result.status, result.answer, result.denied) == ("SUCCESS", "Done.", 0)
    assert dropped(outbox) == ["order"]
    (person,) = told(store, result, "person")
    assert (person["by"], person["decision"], person["task_id"]) == ("u:ann", "approve", task_id)
    assert result.spent.tool_calls == 1


async def test_inv_19_an_edited_call_runs_as_edited(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(store, says("", DROP), says("Done."), tools=TOOLS)
    run = await begin(client, agent)
    await decide(client, f"task/{run.id}/tool-1", "edit", form={"text": "hold it"})
    result = await run.result()
    assert result.status == "SUCCESS"
    assert (outbox / "order" / "message.txt").read_text() == "hold it"


@pytest.mark.attack
async def test_plain_code_says_nothing_of_what_it_changes_and_is_asked_about(
    client: Client, store: ArtifactStore
) -> None:
    weigh = call("tally", item="gold", weight="1.5")
    agent = scripted(store, says("", weigh), says("Done."), tools=[{"activity": "tally"}])
    run = await begin(client, agent)
    await decide(client, f"task/{run.id}/tool-1", "approve")
    (result,) = told(store, await run.result(), "result")
    assert (result["outcome"], result["text"]) == ("success", '"gold: 3.0"')


async def test_an_edit_that_does_not_fit_is_asked_again(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(store, says("", DROP), says("Done."), tools=TOOLS)
    run = await begin(client, agent)
    await decide(client, f"task/{run.id}/tool-1", "edit", form={"name": "order", "colour": "red"})
    await decide(client, f"task/{run.id}/tool-2", "reject", comment="never mind")
    result = await run.result()
    assert (result.status, result.denied) == ("SUCCESS", 1)
    assert dropped(outbox) == []


async def test_inv_19_a_rejected_call_is_told_with_its_reason(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(store, says("", DROP), says("Understood."), tools=TOOLS)
    run = await begin(client, agent)
    await decide(client, f"task/{run.id}/tool-1", "reject", comment="wrong fund")
    result = await run.result()
    assert (result.status, result.answer, result.denied) == ("SUCCESS", "Understood.", 1)
    (denied,) = told(store, result, "result")
    assert denied["outcome"] == "denied"
    assert "u:ann" in denied["text"]
    assert "wrong fund" in denied["text"]
    assert dropped(outbox) == []
    assert FILE not in await activities(client, run.id)


async def test_inv_19_an_answer_in_words_takes_the_calls_place(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(store, says("", DROP), says("Thanks."), tools=TOOLS)
    run = await begin(client, agent)
    await decide(client, f"task/{run.id}/tool-1", "respond", comment="it was dropped yesterday")
    result = await run.result()
    assert (result.status, result.denied) == ("SUCCESS", 0)
    second = store.get_bytes(await turn(run, 2)).decode()
    assert "it was dropped yesterday" in second
    (answered,) = told(store, result, "result")
    assert (answered["outcome"], answered["by"]) == ("answered", "u:ann")
    assert dropped(outbox) == []


async def turn(run: Handle, number: int) -> str:
    """The artifact of the conversation's turn."""
    history = await run.fetch_history()
    turns = [
        json.loads(event.activity_task_completed_event_attributes.result.payloads[0].data)
        for event in history.events
        if event.HasField("activity_task_completed_event_attributes")
    ]
    return str([each["turn"]["uri"] for each in turns if "turn" in each][number - 1])


@pytest.mark.attack
async def test_the_one_who_started_the_agent_does_not_decide_on_its_calls(
    client: Client, store: ArtifactStore
) -> None:
    agent = scripted(
        store, says("", DROP), says("Done."), tools=TOOLS, approvers=("u:rex", "u:ann")
    )
    run = await begin(client, agent)
    own = decide(client, f"task/{run.id}/tool-1", "approve", as_="u:rex")
    assert await refused(own) == "task.own-request"
    await decide(client, f"task/{run.id}/tool-1", "reject", comment="no")
    assert (await run.result()).denied == 1


@pytest.mark.attack
async def test_what_an_agent_was_not_granted_does_not_exist_for_it(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(
        store,
        says("", DROP, call("agents.clean_up", folder="x"), call("nothing")),
        tools=[{"activity": "agents.write_note"}, {"activity": FILE, "use": "deny"}],
    )
    result = await (await begin(client, agent)).result()
    assert (result.status, len(told(store, result, "mistake"))) == ("GAVE_UP", 3)
    assert dropped(outbox) == []


@pytest.mark.attack
async def test_arguments_that_do_not_fit_are_told_and_never_executed(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(
        store,
        says("", call(FILE, name=7, text="x")),
        says("", {"tool": FILE, "arguments": "{broken"}),
        says("", call(FILE, name="order", text="x", idempotency_key="mine")),
        tools=[{"activity": FILE, "use": "allow"}],
    )
    run = await begin(client, agent)
    result = await run.result()
    assert result.status == "GAVE_UP"
    why = [line["why"] for line in told(store, result, "mistake")]
    assert "`name`" in why[0]
    assert "no JSON object" in why[1]
    assert "not yours to choose" in why[2]
    assert FILE not in await activities(client, run.id)
    assert dropped(outbox) == []


@pytest.mark.attack
async def test_fixed_arguments_are_neither_seen_nor_chosen(
    client: Client, store: ArtifactStore, outbox: Path, tmp_path: Path
) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    grant = {"activity": FILE, "use": "allow", "fixed": {"folder": str(outbox)}}
    agent = scripted(
        store,
        says("", call(FILE, name="order", text="x", folder=elsewhere)),
        says("", call(FILE, name="order", text="x")),
        says("Done."),
        tools=[grant],
    )
    result = await (await begin(client, agent)).result()
    assert result.status == "SUCCESS"
    assert len(told(store, result, "mistake")) == 1
    assert dropped(outbox) == ["order"]
    assert not Path(elsewhere).exists()


@pytest.mark.attack
async def test_refused_calls_end_the_task_at_last(client: Client, store: ArtifactStore) -> None:
    post = call("call.http", method="POST", endpoint="https://elsewhere.example.com/")
    agent = scripted(
        store,
        *[says("", post) for _ in range(5)],
        tools=[{"activity": "call.http", "use": "allow", "hosts": ["api.example.com"]}],
    )
    run = await begin(client, agent)
    result = await run.result()
    assert (result.status, result.denied, result.spent.model_calls) == ("POLICY_DENIED", 3, 3)
    assert "call.http" not in await activities(client, run.id)


async def test_an_agent_without_approvers_is_refused_what_has_to_be_asked(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(store, says("", DROP), says("Pity."), tools=TOOLS, approvers=())
    result = await (await begin(client, agent)).result()
    assert (result.status, result.denied) == ("SUCCESS", 1)
    assert dropped(outbox) == []


async def test_a_tool_that_fails_is_told_and_the_agent_goes_on(
    client: Client, store: ArtifactStore
) -> None:
    note = call("agents.write_note", name="plan.md", text="x")
    agent = scripted(
        store, says("", note), says("No notes then."), tools=[{"activity": "agents.write_note"}]
    )
    result = await (await begin(client, agent)).result()
    assert result.status == "SUCCESS"
    (failed,) = told(store, result, "result")
    assert failed["outcome"] == "failed"
    assert "no scratch folder" in failed["text"]


@pytest.mark.attack
async def test_no_secret_of_the_worker_reaches_model_or_transcript(
    client: Client, store: ArtifactStore, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTODIAN_API_KEY", "k-5d1f08e7-secret")
    drop = call(FILE, name="k-5d1f08e7-secret", text="key is k-5d1f08e7-secret")
    agent = scripted(store, says("Its key: k-5d1f08e7-secret", drop), says("Done."), tools=TOOLS)
    run = await start(client, agent_task, task(agent, "Use k-5d1f08e7-secret for it."))
    await decide(client, f"task/{run.id}/tool-1", "reject", comment="no")
    result = await run.result()
    kept = [store.get_bytes(result.transcript.lines), store.get_bytes(result.transcript.page)]
    kept += [store.get_bytes(await turn(run, number)) for number in (1, 2)]
    assert not any(b"k-5d1f08e7" in each for each in kept)


async def test_a_cancelled_agent_stops_its_model_call_and_keeps_its_transcript(
    client: Client, store: ArtifactStore, outbox: Path
) -> None:
    agent = scripted(
        store,
        says("Noted.", call(FILE, name="order", text="x")),
        says("", after_s=300),
        tools=[{"activity": FILE, "use": "allow"}],
    )
    run = await begin(client, agent)

    async def asks_again() -> None:
        assert (await activities(client, run.id)).count("agents.ask_model") == 2

    await eventually(asks_again)
    await run.cancel()

    async def is_over() -> Any:
        described = await run.describe()
        assert described.status is not None
        assert described.status.name == "CANCELED"
        return described

    described = await eventually(is_over)
    kept = (await described.memo())["tenuto.transcript"]
    lines = store.get_bytes(kept["lines"]["uri"]).decode().splitlines()
    assert json.loads(lines[-1])["status"] == "CANCELLED"
    assert "Noted." in "".join(lines)


async def test_inv_19_a_replay_asks_no_model(
    client: Client, store: ArtifactStore, outbox: Path, tmp_path: Path
) -> None:
    """The scripts are gone when the history is replayed: whoever asked for a reply would fail."""
    agent = scripted(
        store,
        says("One.", call(FILE, name="one", text="1"), usd="0.01"),
        says("Two.", call("nothing")),
        says("Done."),
        tools=[{"activity": FILE, "use": "allow"}],
    )
    run = await begin(client, agent)
    await run.result()
    file = tmp_path / "history.json"
    file.write_text((await run.fetch_history()).to_json())
    elsewhere = open_store(str(tmp_path / "no-scripts"))
    use_store(elsewhere)
    try:
        verdict = await replay_history(file, load_registration(PACKS))
    finally:
        use_store(store)
    assert verdict.is_compatible, verdict.problem
    assert list(elsewhere.list_blobs()) == []
    assert dropped(outbox) == ["one"]
