"""The runs of agents whose histories are recorded: each through all it can do."""

import os
from pathlib import Path

from temporalio.client import Client

from agent_desk import PACKS, call, decide, governed, says, scripted, task
from task_desk import RING
from tenuto.artifacts.current import current_store
from tenuto.core.pack import Pack
from tenuto.identity.trust import trust
from tenuto.packs.agents.catalog import agent_task, governed_task
from tenuto.packs.agents.models import Agent
from tenuto.triggers.start import Handle, start

pack = Pack(
    name="agents-recorded",
    summary="Agents, with all that their recordings call.",
    catalog=tuple(module for each in PACKS for module in each.catalog),
    workflows=tuple(reference for each in PACKS for reference in each.workflows),
    activities=tuple(module for each in PACKS for module in each.activities),
    passthrough=tuple(module for each in PACKS for module in each.passthrough),
)

FILE = "notify.file"


async def every_answer(client: Client, folder: Path) -> Handle:
    """Calls that are approved, edited, refused, answered, mistaken, failing; a silent model."""
    _prepare(folder)
    drop = call(FILE, name="order", text="x")
    agent = _agent(
        says("One.", drop),
        says("Two.", call(FILE, name="other", text="x")),
        says("Three.", drop, call("nothing")),
        says("Four.", drop),
        says("Five.", call("agents.write_note", name="plan.md", text="x")),
        says(""),
        says("Six.", call(FILE, name=7, text="x")),
        says("Done."),
    )
    run = await start(client, agent_task, task(agent))
    root = f"task/{run.id}"
    await decide(client, f"{root}/tool-1", "approve")
    await decide(client, f"{root}/tool-2", "edit", form={"name": 7, "text": "x"})
    await decide(client, f"{root}/tool-3", "edit", form={"name": "edited", "text": "x"})
    await decide(client, f"{root}/tool-4", "reject", comment="not twice")
    await decide(client, f"{root}/tool-5", "respond", comment="it is there")
    return run


async def every_step(client: Client, folder: Path) -> Handle:
    """A governed task from launch to clean-up."""
    _prepare(folder)
    note = call("agents.write_note", name="plan.md", text="x")
    run = await start(client, governed_task, governed(_agent(says("One.", note), says("Done."))))
    await decide(client, f"task/{run.id}/launch", "approve")
    return run


def _prepare(folder: Path) -> None:
    trust(RING)
    os.environ["TENUTO_NOTIFY_FOLDER"] = str(folder / "outbox")
    os.environ["TENUTO_AGENTS_SCRATCH"] = str(folder / "scratch")


def _agent(*replies: dict[str, object]) -> Agent:
    tools = [{"activity": FILE}, {"activity": "agents.write_note"}]
    return scripted(current_store(), *replies, tools=tools)
