"""People in a rehearsal: whoever may decide does, at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.workflows.interpreter.approvals import Approvals
from tenuto.workflows.interpreter.samples import sample

SaidT = TypeVar("SaidT")


def said(by_task: Mapping[str, SaidT], at: str, name: str) -> SaidT | None:
    """What is said of the task at the pointer `at`, or else of those called `name`."""
    return by_task.get(at, by_task.get(name))


def decide_all(
    approvals: Approvals, decisions: Mapping[str, str], at: datetime
) -> list[tuple[dict[str, JsonValue], JsonValue]]:
    """Decides on every open approval; gives those decided, as the query `pending` shows them,
    each with its result.

    `decisions` is what everybody says, by the pointer or the name of the task; the first action
    is said elsewhere. An approval that nobody may decide on stays open. Raises UsageError for a
    decision that is not among the actions.
    """
    decided: list[tuple[dict[str, JsonValue], JsonValue]] = []
    for view in approvals.pending():
        if isinstance(view, dict):
            result = _result(approvals, view, decisions, at)
            decided += [(view, result)] if result is not None else []
    return decided


def _result(
    approvals: Approvals, view: dict[str, Any], decisions: Mapping[str, str], at: datetime
) -> JsonValue:
    request = view["request"]
    action = said(decisions, view["at"], view["task"]) or request["actions"][0]
    refuse_action(action, view["task"], request["actions"])
    for voter in _voters(request):
        decision = {
            "task": view["at"],
            "approval": view["id"],
            "decision": action,
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


def refuse_action(action: str, task: str, valid: Sequence[str]) -> None:
    """Raises UsageError unless `action` is among the `valid` ones of the approval `task`."""
    if action not in valid:
        raise UsageError(
            f"`{action}` is not among the actions of `{task}`: {', '.join(valid)}.",
            code="definition.unknown-action",
            details={"task": task, "valid": list(valid)},
        )


def _voters(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The approvers by name, and as many members of each group as are needed."""
    for who in request["approvers"]:
        if who.startswith("g:"):
            name = who.removeprefix("g:")
            for number in range(1, request["need"] + 1):
                yield {"by": f"{name} member {number}", "groups": [name]}
        else:
            yield {"by": who}
