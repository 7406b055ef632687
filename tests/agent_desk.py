"""Agents in tests: workers that serve them in this process, scripts for their models."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from task_desk import RING, say, view
from tenuto.activities.definitions.pack import pack as definitions
from tenuto.activities.notify.pack import pack as notify
from tenuto.activities.tasks.pack import pack as tasks
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.library.tasks.messages import Decide
from tenuto.core.errors import TenutoError
from tenuto.core.pack import Pack
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.trust import trust
from tenuto.packs.agents.models import (
    Agent,
    AgentTaskRequest,
    AgentTaskResult,
    GovernedTaskRequest,
)
from tenuto.packs.agents.pack import pack as agents
from tenuto.testing import eventually

PACKS = (agents, tasks, definitions, notify)


@asynccontextmanager
async def agent_workers(
    client: Client, folder: Path, packs: Iterable[Pack] = (), modules: Iterable[str] = ()
) -> AsyncIterator[ArtifactStore]:
    """Workers in this process for agents and all that their tests call; yields their store."""
    store = open_store(str(folder / "artifacts"))
    use_store(store)
    trust(RING)
    registration = load_registration([*PACKS, *packs], modules, "plain")
    async with AsyncExitStack() as running:
        for worker in build_workers(client, registration, WorkerSettings(), is_embedded=True):
            await running.enter_async_context(worker)
        yield store
    trust(None)
    use_store(None)


def scripted(store: ArtifactStore, *replies: dict[str, Any], **fields: Any) -> Agent:
    """An agent whose model says these replies."""
    script = store.put_json({"replies": list(replies)}, name="script.json")
    given = {"id": "a:clerk", "model": "scripted", "script": script, "approvers": ("u:ann",)}
    return Agent(**{**given, **fields})


def task(agent: Agent, *texts: str, **fields: Any) -> AgentTaskRequest:
    """A task for it, by rex."""
    return AgentTaskRequest(
        texts=texts or ("Do it.",), agent=agent, **{"requester": "u:rex", **fields}
    )


def governed(agent: Agent, *texts: str, **fields: Any) -> GovernedTaskRequest:
    """A governed task, by rex, which ann lets start."""
    given = {"requester": "u:rex", "approvers": ("u:ann",)}
    return GovernedTaskRequest(texts=texts or ("Do it.",), agent=agent, **{**given, **fields})


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    """A tool call of a script."""
    return {"tool": tool, "arguments": arguments}


async def decide(
    client: Client, task_id: str, decision: Any, *, as_: str = "u:ann", **fields: Any
) -> None:
    """Waits until the task is there and open, looks at it, and decides."""

    async def asked() -> str | None:
        try:
            found = await view(client, task_id)
        except (RPCError, TenutoError) as missing:
            raise AssertionError(str(missing)) from missing
        return found.request.seen

    seen = await eventually(asked)
    await say(client, task_id, Decide(decision=decision, seen=seen, **fields), as_=as_)


def transcript(store: ArtifactStore, result: AgentTaskResult) -> list[dict[str, Any]]:
    """The lines of its transcript."""
    text = store.get_bytes(result.transcript.lines).decode()
    return [json.loads(line) for line in text.splitlines()]


async def activities(client: Client, workflow_id: str) -> list[str]:
    """Names of the activities that a run has scheduled, in order, local ones left out."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]


def says(text: str = "", *calls: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A reply of a script."""
    return {"text": text, "calls": list(calls), **fields}
