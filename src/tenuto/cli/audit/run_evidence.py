"""What the ledger says about a run, as one record: the page and `--json` show the same."""

from typing import Any

from pydantic import JsonValue
from temporalio.converter import PayloadCodec

from tenuto.cli.audit.deeds import deeds_in
from tenuto.cli.audit.policies import with_texts
from tenuto.cli.audit.readable import history_of, readable
from tenuto.engine.runs.origin import STARTED_BY
from tenuto.evidence.dossier import Dossier
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry


async def run_evidence(
    ledger: Ledger, dossier: Dossier, codec: PayloadCodec | None
) -> dict[str, Any]:
    """Who asked, who decided what on what, what ran, and under which policy."""
    runs = dossier.of("run")
    tasks = {str(task.data["task_id"]): task for task in dossier.of("task")}
    return {
        "run": dossier.run,
        "started_by": await _started_by(ledger, dossier, codec),
        "runs": [_run(run) for run in runs],
        "tasks": [
            await _task(ledger, task, next(run for run in runs if _are_one(run, task)), codec)
            for task in tasks.values()
        ],
        "decisions": deeds_in(dossier.lines),
        "policies": [
            {**policy, "rules": sorted(_rules(dossier, policy["digest"]))}
            for policy in with_texts(ledger, dossier.lines)
        ],
        "records": [line.record.seq for line in dossier.lines],
        "checkpoint": dossier.checkpoint.checkpoint.model_dump(mode="json"),
    }


def _rules(dossier: Dossier, policy: str) -> set[str]:
    """Ids of the rules of that policy that had their say."""
    named: set[Any] = set()
    for deed in deeds_in(dossier.lines):
        if policy in (deed.get("policy"), deed.get("pol")):
            named.update(deed.get("rules") or ())
            named.update(reason["rule"] for reason in deed.get("reasons") or ())
    for run in dossier.of("run"):
        for said in (run.data["permit"], *_all(run.data["messages"])):
            if isinstance(said, dict) and said.get("policy") == policy:
                named.update(_all(said.get("rules")))
    return named


def _all(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


async def _started_by(ledger: Ledger, dossier: Dossier, codec: PayloadCodec | None) -> JsonValue:
    """Who started it, as the run itself says; the proof is its permit, where policy is on."""
    for run in dossier.of("run"):
        if run.data["workflow_id"] == dossier.run:
            history = await readable(history_of(ledger, run), codec)
            memo = _get(history["events"][0], "workflowExecutionStartedEventAttributes", "memo")
            name: JsonValue = _get(memo or {}, "fields", STARTED_BY)
            return name
    return None


def _run(entry: Entry) -> dict[str, Any]:
    wanted = (
        *("workflow_id", "run_id", "type", "status", "started_at", "closed_at", "events"),
        *("parent", "permit", "messages", "history"),
    )
    return {key: entry.data[key] for key in wanted}


async def _task(
    ledger: Ledger, task: Entry, run: Entry, codec: PayloadCodec | None
) -> dict[str, Any]:
    """The task with the words that people wrote and what they were shown, from its history."""
    history = await readable(history_of(ledger, run), codec)
    events = history["events"]
    request = _first(_get(events[0], "workflowExecutionStartedEventAttributes", "input"))
    result = _first(_get(events[-1], "workflowExecutionCompletedEventAttributes", "result"))
    return {**task.data, "request": request, "result": result}


def _are_one(run: Entry, task: Entry) -> bool:
    return run.data["run_id"] == task.data["run_id"]


def _get(event: dict[str, Any], *path: str) -> Any:
    found: Any = event
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _first(payloads: Any) -> JsonValue:
    values = payloads.get("payloads") if isinstance(payloads, dict) else None
    return values[0] if values else None
