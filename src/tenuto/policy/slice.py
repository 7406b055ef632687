"""What one question needs of the world: the principal, its groups, the resource, the context.

Nothing else is loaded, so that a decision costs the same however many people there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from tenuto.policy.decision import Question
from tenuto.policy.schema import CALL, IDENTITY, PRINCIPALS, RESOURCES, START, Shape
from tenuto.policy.texts import joined, lines_of, texts_of
from tenuto.policy.types import DoesNotFitError, Fields, compared, record_value

ALWAYS = frozenset({"input", "at", "approvals"})
"""What the context of every question may hold."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the engine takes it."""

    request: dict[str, Any]
    entities: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class World:
    """What questions are allowed to be about."""

    actions: Mapping[str, Shape]
    inputs: Mapping[str, Mapping[str, Any]]
    """Action -> JSON Schema of its input."""
    groups: frozenset[str]
    """Groups that a rule names; others change no answer."""
    reads_text: bool
    """Whether a rule reads `context.text` or `context.joined`."""

    def asked(self, question: Question) -> Asked:
        """The question with exactly what rules can see.

        Raises DoesNotFitError for whatever is missing, unknown, or without an exact form.
        """
        action = self._action(question)
        shape = self.actions[action]
        who, what = question.principal, question.resource
        kind = PRINCIPALS[who.kind]
        if kind not in shape.principals:
            raise DoesNotFitError(f"`{question.action}` is nothing for a {who.kind}")
        if what.type not in shape.resources:
            raise DoesNotFitError(
                f"`{question.action}` is about {' or '.join(shape.resources)}, not `{what.type}`"
            )
        principal = {"type": kind, "id": compared(who.id)}
        resource = {"type": what.type, "id": what.id}
        groups = sorted(self.groups.intersection(compared(each) for each in who.groups))
        parents = [{"type": "Group", "id": each} for each in groups]
        return Asked(
            request={
                "principal": principal,
                "action": {"type": "Action", "id": action},
                "resource": resource,
                "context": self._context(question, action, shape),
            },
            entities=[
                {"uid": principal, "attrs": _identity(question), "parents": parents},
                {"uid": resource, "attrs": _attributes(question), "parents": []},
                *({"uid": uid, "attrs": {}, "parents": []} for uid in parents),
            ],
        )

    def _action(self, question: Question) -> str:
        action = question.action
        if action == START:
            action = f"{START}/{question.resource.id}"
            if action not in self.actions:
                raise DoesNotFitError(
                    f"`{question.resource.id}` is no workflow of the catalog the rules know"
                )
        if action not in self.actions or (question.action != START and "/" in action):
            raise DoesNotFitError(f"no action is called `{question.action}`")
        return action

    def _context(self, question: Question, action: str, shape: Shape) -> dict[str, Any]:
        given = question.context
        known = ALWAYS | shape.context.keys()
        if unknown := sorted(given.keys() - known):
            raise DoesNotFitError(
                f"`context.{unknown[0]}` is nothing rules of `{question.action}` know;"
                f" they know {', '.join(sorted(known))}"
            )
        texts = self._texts(question, action)
        return {
            "call": record_value(CALL, _call(question), "call"),
            "text": lines_of(texts),
            "joined": joined(texts),
            **record_value(Fields(shape.context), given, "context"),
        }

    def _texts(self, question: Question, action: str) -> list[str]:
        if not self.reads_text:
            return []
        return texts_of(question.context.get("input"), self.inputs.get(action, {}))


def _call(question: Question) -> dict[str, JsonValue]:
    proof = question.principal.authentication
    call: dict[str, JsonValue] = {
        "method": proof.method,
        "via": proof.via,
        "mfa_age_s": proof.mfa_age_s,
    }
    return call | ({"at": question.context["at"]} if "at" in question.context else {})


def _identity(question: Question) -> dict[str, Any]:
    who = question.principal
    return record_value(
        IDENTITY,
        {"id": who.id, "words": [who.id, *who.groups], "owner": who.owner},
        "principal",
    )


def _attributes(question: Question) -> dict[str, Any]:
    what = question.resource
    known = RESOURCES[what.type]
    if unknown := sorted(what.attributes.keys() - known.fields.keys()):
        raise DoesNotFitError(f"`resource.{unknown[0]}` is no attribute of {what.type}")
    return record_value(known, what.attributes, "resource")
