"""An agent whose worker is killed goes on, and no finished reply is paid for twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from agent_desk import call, says, scripted, task
from sample.marks import marks
from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from tenuto.artifacts.store import open_store
from tenuto.packs.agents.catalog import agent_task
from tenuto.packs.agents.models import AgentTaskResult
from tenuto.testing import eventually
from tenuto.triggers.start import start

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

MODEL = "agents.ask_model"


@pytest_asyncio.fixture
async def agent_worker(
    own_server: KillableServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[StartWorker]:
    """Starts workers of agents on this test's own server; whichever are left are killed."""
    monkeypatch.setenv("TENUTO_NOTIFY_FOLDER", str(tmp_path / "outbox"))
    (tmp_path / "marks").mkdir()
    options = (
        *("--artifacts", str(tmp_path / "artifacts")),
        *("--marks", str(tmp_path / "marks")),
    )
    async with worker_processes(
        own_server, tmp_path, *options, module="agent_worker_process"
    ) as one_more:
        yield one_more


async def test_inv_19_a_killed_worker_repeats_only_the_reply_in_flight(
    own_client: Client, agent_worker: StartWorker, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "artifacts"))
    agent = scripted(
        store,
        says("First.", call("notify.file", name="first", text="1")),
        says("Second.", call("notify.file", name="second", text="2"), after_s=2),
        says("Done."),
        tools=[{"activity": "notify.file", "use": "allow"}],
    )
    first = await agent_worker()
    run = await start(own_client, agent_task, task(agent))

    def second_reply_is_asked() -> None:
        assert len(marks(tmp_path / "marks", MODEL)) == 2

    await eventually(second_reply_is_asked)
    await first.kill()
    second = await agent_worker()
    result: AgentTaskResult = await run.result()
    assert (result.status, result.answer) == ("SUCCESS", "Done.")
    asked = [(mark.run.rpartition("/")[2], mark.pid) for mark in marks(tmp_path / "marks", MODEL)]
    assert asked == [("1", first.pid), ("2", first.pid), ("2", second.pid), ("3", second.pid)]
    assert sorted(path.name for path in (tmp_path / "outbox").iterdir()) == ["first", "second"]
    assert result.spent.model_calls == 3
