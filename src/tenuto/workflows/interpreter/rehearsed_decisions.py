"""People in a rehearsal: whoever may decide does, at once."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.workflows.interpreter.approvals import Approvals
from tenuto.workflows.interpreter.samples import sample


def decide_all(
    approvals: Approvals, said: Mapping[str, str], at: datetime
) -> list[tuple[dict[str, JsonValue], JsonValue]]:
    """Decides on every open approval; gives those decided, as the query `pending` shows them,
    each with its result.

    `said` is what everybody says, by the name of the task; the first action is said elsewhere.
    An approval that nobody may decide on stays open.
    """
    decided: list[tuple[dict[str, JsonValue], JsonValue]] = []
    for view in approvals.pending():
        if isinstance(view, dict):
            result = _result(approvals, view, said, at)
            decided += [(view, result)] if result is not None else []
    return decided


def _result(
    approvals: Approvals, view: dict[str, Any], said: Mapping[str, str], at: datetime
) -> JsonValue:
    request = view["request"]
    for voter in _voters(request):
        decision = {
            "task": view["at"],
            "approval": view["id"],
            "decision": said.get(view["task"], request["actions"][0]),
            "comment": "rehearsed",
            "form": sample(request.get("form")),
            **voter,
        }
        try:
            answer = approvals.decide(decision, at)
        except UsageError:
            continue  # not this one: excluded, or the requester
        if answer["is_decided"]:
            return answer["result"]
    return None


def _voters(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The approvers by name, and as many members of each group as are needed."""
    for who in request["approvers"]:
        if who.startswith("g:"):
            name = who.removeprefix("g:")
            for number in range(1, request["need"] + 1):
                yield {"by": f"{name} member {number}", "groups": [name]}
        else:
            yield {"by": who}
