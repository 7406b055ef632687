"""`tenuto demo agent`: refused starts, a permitted one, tools watched, evidence that verifies."""

import asyncio
from pathlib import Path
from typing import Any

from tenuto.packs.agents.demo.page import draw_demo
from tenuto.packs.agents.demo.people import (
    ANN,
    CHANGED,
    EVE,
    TEXT,
    agent_of_the_demo,
    decide,
    is_refused,
    is_refused_past_the_gate,
    launch,
)
from tenuto.packs.agents.demo.proof import check, check_changed, export, pack_evidence
from tenuto.packs.agents.demo.told import tool_calls
from tenuto.packs.agents.demo.workplace import Workplace, workplace
from tenuto.packs.agents.models import Agent, GovernedTaskResult
from tenuto.packs.agents.names import agent_of
from tenuto.triggers.demo import Played, Stage

_SCRIPT = Path(__file__).parent / "script.yaml"


async def play(stage: Stage) -> Played:
    """A governed agent from start to evidence, offline: its model is a script.

    As promised when every start that rules forbid was refused, nobody decided on what was his
    own, one tool call ran, one ran as a person changed it, one was denied, and the evidence
    verifies until one byte of it is changed.
    """
    script = await asyncio.to_thread(_SCRIPT.read_bytes)
    agent = agent_of_the_demo(stage.store, script)
    async with workplace(stage) as place:
        stage.say(f"Its runs are in a namespace of their own, {place.client.namespace}.\n")
        refused = await _refused_starts(place, agent)
        run_id, result, separated = await _work(place, agent)
        record = await _proven(place, run_id, result)
    record |= {
        "workflow_id": run_id,
        "refused_starts": refused,
        "requester_was_refused": separated,
        "result": result.model_dump(mode="json"),
        "policy": place.rules.digest,
    }
    record["is_as_promised"] = _is_as_promised(record, result)
    return Played(
        record=record,
        draw=lambda console: draw_demo(console, record),
        is_as_promised=record["is_as_promised"],
    )


async def _refused_starts(place: Workplace, agent: Agent) -> list[bool]:
    place.stage.say("Policy. Starts that do not happen:")
    return [
        await is_refused(place, EVE, TEXT, agent),
        await is_refused(place, ANN, "forbidden: rm -rf prod", agent),
        await is_refused_past_the_gate(place, agent),
    ]


async def _work(place: Workplace, agent: Agent) -> tuple[str, GovernedTaskResult, list[bool]]:
    run_id = await launch(place, ANN, TEXT, agent)
    place.stage.say(f"\nApproval. {run_id}, started by {ANN[0]}:")
    launched = await decide(place, f"task/{run_id}/launch", None)
    place.stage.say("\nTool call. One of the agent's calls may not run by itself:")
    called = await decide(place, f"task/{agent_of(run_id)}/tool-1", CHANGED)
    separated = [launched, called]
    handle = place.client.get_workflow_handle(run_id, result_type=GovernedTaskResult)
    return run_id, await handle.result(), separated


async def _proven(place: Workplace, run_id: str, result: GovernedTaskResult) -> dict[str, Any]:
    if result.agent is None:
        return {"evidence": None, "verified": False, "verdict": result.why, "tools": []}
    transcript = result.agent.transcript
    page = place.stage.folder / "transcript.md"
    text = await asyncio.to_thread(place.stage.store.get_bytes, transcript.page)
    await asyncio.to_thread(page.write_bytes, text)
    lines = await asyncio.to_thread(place.stage.store.get_bytes, transcript.lines)
    place.stage.say("\nEvidence. It is exported, packed, and checked by its own program ...")
    await export(place, {run_id, agent_of(run_id), f"task/{run_id}/launch"})
    bundle = await asyncio.to_thread(pack_evidence, place, run_id, transcript)
    verified, verdict = await asyncio.to_thread(check, bundle)
    is_found, finding = await asyncio.to_thread(check_changed, bundle)
    return {
        "tools": tool_calls(lines),
        "transcript": str(page),
        "evidence": str(bundle),
        "verified": verified,
        "verdict": verdict,
        "changed_byte_is_found": is_found,
        "finding": finding,
    }


def _is_as_promised(record: dict[str, Any], result: GovernedTaskResult) -> bool:
    done = result.agent
    return (
        all(record["refused_starts"])
        and all(record["requester_was_refused"])
        and record["verified"]
        and record["changed_byte_is_found"]
        and result.status == "SUCCESS"
        and done is not None
        and (done.spent.tool_calls, done.denied) == (2, 1)
    )
