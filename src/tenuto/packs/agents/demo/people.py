"""What people do in the demonstration, each through the gate."""

from pydantic import JsonValue
from temporalio.client import WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.tasks.messages import Decide
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import PolicyDenied, TenutoError
from tenuto.engine.converter import error_code
from tenuto.packs.agents.catalog import governed_task
from tenuto.packs.agents.demo.workplace import Workplace
from tenuto.packs.agents.models import Agent, GovernedTaskRequest
from tenuto.packs.agents.starting import start_task
from tenuto.testing import eventually
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.tasks.acting import tell_task
from tenuto.triggers.tasks.reading import read_task

ANN = ("u:ann", "g:desk", "g:heads")
BEN = ("u:ben", "g:heads")
EVE = ("u:eve", "g:guests")
TEXT = "Release order O-4711."
CHANGED: dict[str, JsonValue] = {"text": "Order O-4711 is released. Ask Ben before you send it."}
"""What Ben makes of the text that the agent wants to leave."""


async def is_refused(place: Workplace, who: tuple[str, ...], text: str, agent: Agent) -> bool:
    """Whether the gate does not let that person start the agent with that text."""
    try:
        await launch(place, who, text, agent)
    except PolicyDenied as denied:
        place.stage.say(f"  {who[0]}, {text!r}: {_reason(denied)}")
        return denied.code == "policy.denied"
    return False


async def launch(place: Workplace, who: tuple[str, ...], text: str, agent: Agent) -> str:
    """The id of a run that this person starts."""
    return await start_task(
        place.client,
        place.gate(*who),
        [text],
        agent,
        approvers=["g:heads"],
        environment="prod",
    )


async def is_refused_past_the_gate(place: Workplace, agent: Agent) -> bool:
    """Whether a start without permit, as any client of the server can send it, ends at once."""
    request = GovernedTaskRequest(texts=(TEXT,), agent=agent, approvers=("g:heads",))
    run = await place.client.start_workflow(
        governed_task.type_name,
        request,
        id="past-the-gate",
        task_queue=governed_task.queue,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
    )
    try:
        await run.result()
    except WorkflowFailureError as failed:
        code = _code(failed)
        place.stage.say(f"  past the gate, by a client of its own: the worker refuses it, {code}")
        return code.startswith("permit.")
    return False


def _code(failed: BaseException) -> str:
    cause: BaseException | None = failed
    while cause is not None:
        code = error_code(cause)
        if code:
            return code
        cause = cause.__cause__ or getattr(cause, "cause", None)
    return ""


async def decide(place: Workplace, task_id: str, changed: dict[str, JsonValue] | None) -> bool:
    """Ann, who asked, tries and is refused; then Ben lets it happen, as it is or changed.

    Whether it was so.
    """
    task = await eventually(lambda: _asked(place, task_id), timeout_s=30)
    say = place.stage.say
    say(f"  {task.title}: it waits")
    proposed = task.shown.get("arguments")
    for name, value in proposed.items() if isinstance(proposed, dict) else ():
        if value:
            say(f"    {name}: {value}")
    approve = Decide(decision="approve", comment="go on", seen=task.seen)
    is_separated = await _refuses(place, place.gate(*ANN), task_id, approve)
    edit = Decide(decision="edit", comment="not without me", form=changed, seen=task.seen)
    await tell_task(place.client, place.gate(*BEN), task_id, edit if changed else approve)
    for name, value in (changed or {}).items():
        say(f"  u:ben lets it happen with another {name}: {value}")
    if not changed:
        say("  u:ben approves: go on")
    return is_separated


async def _asked(place: Workplace, task_id: str) -> TaskRequest:
    try:
        told = await read_task(place.client, task_id)
    except TenutoError as missing:
        raise AssertionError(missing.message) from missing
    return told.task.request


def _reason(denied: PolicyDenied) -> str:
    """Why, without who may do what about it."""
    return denied.message.partition("`: ")[2].partition(" `tenuto ")[0] or denied.message


async def _refuses(place: Workplace, gate: Gate, task_id: str, message: Decide) -> bool:
    try:
        await tell_task(place.client, gate, task_id, message)
    except PolicyDenied as denied:
        place.stage.say(f"  {gate.principal.id} is refused: {denied.message}")
        return True
    return False


def agent_of_the_demo(store: ArtifactStore, script: bytes) -> Agent:
    """A clerk with three tools, one for each answer that rules can give."""
    return Agent.model_validate(
        {
            "id": "a:clerk",
            "owner": "u:ann",
            "model": "scripted",
            "script": store.put_bytes(script, name="script.yaml", media_type="application/yaml"),
            "instructions": "You release orders for a trading desk.",
            "tools": [
                {"activity": "agents.write_note"},
                {"activity": "notify.webhook", "risk": 8},
                {"activity": "notify.file", "risk": 3},
            ],
            "budget": {"usd": "0.05"},
            "approvers": ["g:heads"],
        }
    )
