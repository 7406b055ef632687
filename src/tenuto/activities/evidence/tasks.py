"""What the record of a task for people says: who decided what, when, under which policy.

Words that people wrote and what they were shown stay in the history, where they may be
encrypted; the record has their hashes.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History
from temporalio.converter import DataConverter

from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.identity.ticket import hash_of

ModelT = TypeVar("ModelT", bound=BaseModel)

TYPE = human_task.type_name


async def task_facts(
    run: dict[str, JsonValue], history: History, converter: DataConverter
) -> dict[str, JsonValue]:
    """What the record of a task says. `run` is what the record of its run says."""
    facts: dict[str, JsonValue] = {
        "task_id": run["workflow_id"],
        "run_id": run["run_id"],
        "root": run["root"],
        "status": run["status"],
        "messages": run["messages"],
    }
    request = await _request(history, converter)
    outcome = await _outcome(history, converter)
    return facts | {"asked": _asked(request), "outcome": _decided(outcome)}


def _asked(request: TaskRequest | str) -> JsonValue:
    if isinstance(request, str):
        return {"problem": request}
    return {
        "kind": request.kind,
        "requester": request.requester,
        "preparers": list(request.preparers),
        "candidates": list(request.candidates),
        "four_eyes": request.four_eyes,
        "need": request.need,
        "risk": request.risk,
        "seen": request.seen,
        "shown": hash_of(request.shown),
    }


def _decided(outcome: TaskOutcome | str | None) -> JsonValue:
    if outcome is None or isinstance(outcome, str):
        return {"problem": outcome} if outcome else None
    return {
        "state": outcome.state,
        "decision": outcome.decision,
        "by": outcome.by,
        "at": outcome.at.isoformat(),
        "votes": [
            {
                "by": vote.by,
                "groups": list(vote.groups),
                "decision": vote.decision,
                "at": vote.at.isoformat(),
                "seen": vote.seen,
                "ticket": vote.ticket,
                "policy": vote.policy,
                "rules": list(vote.rules),
                "via": vote.via,
            }
            for vote in outcome.votes
        ],
    }


async def _request(history: History, converter: DataConverter) -> TaskRequest | str:
    started = history.events[0].workflow_execution_started_event_attributes
    return await _decoded(list(started.input.payloads), TaskRequest, converter)


async def _outcome(history: History, converter: DataConverter) -> TaskOutcome | str | None:
    last = history.events[-1]
    if last.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
        return None
    done = last.workflow_execution_completed_event_attributes
    return await _decoded(list(done.result.payloads), TaskOutcome, converter)


async def _decoded(
    payloads: list[Payload], model: type[ModelT], converter: DataConverter
) -> ModelT | str:
    """The value, or why it cannot be read: of a destroyed key, or of another version."""
    hints: list[Any] = [model]
    try:
        values: list[ModelT] = await converter.decode(payloads, hints)
    except Exception as problem:  # noqa: BLE001 (any codec, any store: the record says which)
        return f"cannot be decoded: {type(problem).__name__}"
    return values[0] if values else "nothing is there"
