"""Where the gate writes down what it decided."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue

from tenuto.policy.decision import Decision, Question


class Records(Protocol):
    """An append-only place, for example `tenuto.evidence.spool.Spool`."""

    def append(self, kind: str, data: Mapping[str, JsonValue], *, is_read: bool = False) -> str:
        """The record's id, once it is safe. Raises TransientError where it cannot be kept, unless
        it only tells of a read."""

    def append_once(self, kind: str, name: str, data: Mapping[str, JsonValue]) -> None:
        """Appends what was not appended before under this kind and name, if there is room."""


class RecordsInMemory:
    """Records of one process, for tests and for embedding without an audit trail."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, JsonValue]]] = []
        self._once: set[tuple[str, str]] = set()

    def append(self, kind: str, data: Mapping[str, JsonValue], *, is_read: bool = False) -> str:
        """The record's number."""
        self.entries.append((kind, dict(data)))
        return str(len(self.entries))

    def append_once(self, kind: str, name: str, data: Mapping[str, JsonValue]) -> None:
        """Appends what was not appended before under this kind and name."""
        if (kind, name) not in self._once:
            self._once.add((kind, name))
            self.append(kind, data)

    def of(self, kind: str) -> list[dict[str, JsonValue]]:
        """Everything of one kind, oldest first."""
        return [data for each, data in self.entries if each == kind]


def is_read(action: str) -> bool:
    """Whether an action changes nothing."""
    return action.endswith(":read") or action == "payload:decode"


def kind_of(question: Question, decision: Decision) -> str:
    """`refusal` for what was denied; `access` for a read; `decision` for what changes something."""
    if not decision.allowed:
        return "refusal"
    return "access" if is_read(question.action) else "decision"


def told(question: Question, decision: Decision) -> dict[str, JsonValue]:
    """Who wanted what, and why it was allowed or not. Contents of inputs are not in it."""
    who = question.principal
    return {
        "principal": who.id,
        "groups": list(who.groups),
        "owner": who.owner,
        "authentication": who.authentication.model_dump(mode="json"),
        "action": question.action,
        "resource": question.resource.model_dump(mode="json"),
        "context": {name: each for name, each in question.context.items() if name != "input"},
        "allowed": decision.allowed,
        "reasons": [reason.model_dump(mode="json") for reason in decision.reasons],
        "problems": list(decision.problems),
        "policy": decision.policy,
        "question": decision.question,
    }
