"""What `tenuto agent` does on a running platform: starts, decides, reads transcripts."""

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from temporalio.client import Client

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.tasks.messages import Decide
from tenuto.catalog.library.tasks.outcome import Standing, TaskView
from tenuto.catalog.registry import Catalog
from tenuto.core.errors import NotFoundError
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import describe_raw
from tenuto.packs.agents.activities.scripted import is_scripted, read_script
from tenuto.packs.agents.agent_task import MEMO
from tenuto.packs.agents.catalog import governed_task
from tenuto.packs.agents.models import Agent, Transcript
from tenuto.packs.agents.names import AGENT_SUFFIX, SAMPLE_PREFIX, agent_of
from tenuto.packs.agents.tools import tools_of
from tenuto.triggers.fields import read_fields
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.tasks.acting import tell_task
from tenuto.triggers.tasks.reading import read_task

ASSISTANT = Agent(id="a:assistant")
"""Without tools; its model is the worker's."""


def read_agent(file: Path | None, store: ArtifactStore) -> Agent:
    """The agent in a YAML file, its script pinned; the assistant where there is no file.

    Raises UsageError for a file that cannot be read.
    """
    if file is None:
        return ASSISTANT
    read: Agent = read_fields(governed_task, {"agent": str(file)}, store)["agent"]
    return read


def check_agent_here(agent: Agent, catalog: Catalog, store: ArtifactStore) -> None:
    """Holds the agent against the project's catalog and its script, before anything starts.

    Raises NotFoundError for a tool that is no activity, and DataError as `tools_of` and
    `read_script`. Whether a provider's model can be used is known to workers only.
    """
    tools_of(agent.tools, catalog.activity)
    if is_scripted(agent.model):
        read_script(agent, agent.model, store)


async def start_task(
    client: Client,
    gate: Gate,
    texts: Sequence[str],
    agent: Agent,
    *,
    approvers: Sequence[str],
    environment: str,
) -> str:
    """Starts a governed task for whoever stands at the gate; returns the run's id.

    Raises PolicyDenied where the rules do not let it start, UsageError for a wrong input.
    """
    values = {
        "texts": list(texts),
        "agent": agent,
        "approvers": list(approvers),
        "requester": gate.principal.id,
        "groups": list(gate.principal.groups),
        "environment": environment,
    }
    workflow_id = f"{SAMPLE_PREFIX}{uuid.uuid4()}"  # noqa: TID251 (outside of any run)
    return (await gate.start(client, governed_task, values, workflow_id=workflow_id)).id


async def decide_open(
    client: Client, gate: Gate, run_id: str, decision: Literal["approve", "reject"], comment: str
) -> tuple[str, Standing]:
    """The run's open task, and how it stands after the decision, which carries a ticket.

    Raises NotFoundError `agents.nothing-asked` where the run asks nothing now; otherwise what
    policy and the task refuse.
    """
    task = await _open_task(client, run_id)
    message = Decide(decision=decision, comment=comment, seen=task.request.seen)
    return task.task_id, await tell_task(client, gate, task.task_id, message)


async def _open_task(client: Client, run_id: str) -> TaskView:
    """The task that the run waits for: to start, or the latest tool call of its agent."""
    asked = f"task/{run_id}/launch"
    number = 0
    while True:
        try:
            task = (await read_task(client, asked)).task
        except NotFoundError as missing:
            raise NotFoundError(
                f"`{run_id}` asks nothing now. `tenuto tasks` lists what is asked, `tenuto show"
                f" {run_id}` says how far it is.",
                code="agents.nothing-asked",
            ) from missing
        if task.outcome is None:
            return task
        number += 1
        asked = f"task/{run_id}{AGENT_SUFFIX}/tool-{number}"


async def read_transcript(
    client: Client, gate: Gate, store: ArtifactStore, run_id: str
) -> tuple[list[dict[str, Any]], str]:
    """The lines and the page of the transcript of a run, or of the agent below it.

    Raises NotFoundError `agents.no-transcript` for a run whose agent did not end yet, and
    PolicyDenied where the run may not be read.
    """
    for workflow_id in (run_id, agent_of(run_id)):
        run = Execution(workflow_id=workflow_id)
        try:
            await gate.authorize_reading(client, run)
            found = await _transcript_of(client, run)
        except NotFoundError:
            continue
        if found is not None:
            lines = store.get_bytes(found.lines).decode().splitlines()
            return [json.loads(line) for line in lines], store.get_bytes(found.page).decode()
    raise NotFoundError(
        f"There is no transcript of `{run_id}`: no agent has ended in it yet.",
        code="agents.no-transcript",
    )


async def _transcript_of(client: Client, run: Execution) -> Transcript | None:
    """From the result of an agent's run that ended well, else from its memo."""
    info = (await describe_raw(client, run)).workflow_execution_info
    payload = info.memo.fields.get(MEMO)
    if payload is not None:
        (kept,) = await client.data_converter.decode([payload])
        return Transcript.model_validate(kept) if "lines" in kept else None
    if info.type.name != "AgentTask" or not info.HasField("close_time"):
        return None
    result = await client.get_workflow_handle(run.workflow_id).result()
    return Transcript.model_validate(result["transcript"])
