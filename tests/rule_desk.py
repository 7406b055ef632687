"""Rules, questions and a small catalog for tests of policy."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tenuto.core.errors import UsageError
from tenuto.identity.principal import Authentication, Principal
from tenuto.policy.cedar import CedarPolicy, load_policy
from tenuto.policy.decision import Question, Resource

PAYMENT: Mapping[str, Any] = {
    "type": "object",
    "$defs": {"Party": {"type": "object", "properties": {"name": {"type": "string"}}}},
    "properties": {
        "amount": {"anyOf": [{"type": "number"}, {"type": "string"}]},
        "count": {"type": "integer"},
        "kind": {"type": "string", "enum": ["gift", "fee"]},
        "to": {"$ref": "#/$defs/Party"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    },
    "required": ["amount", "count", "kind", "to"],
}
TASK: Mapping[str, Any] = {
    "kind": "approval",
    "risk": 3,
    "amount": None,
    "currency": None,
    "requester": "u:rosa",
    "preparers": [],
    "watchers": [],
    "candidates": ["g:desk"],
    "assignee": None,
    "decided_by": [],
}


def rules_in(folder: Path, rules: str, **entries: Mapping[str, Any]) -> CedarPolicy:
    """The engine of these rules, over a catalog whose workflow `pay` takes a payment."""
    (folder / "rules.cedar").write_text(rules, "utf-8")
    return load_policy(folder, {"pay": PAYMENT, **entries})


def findings_in(folder: Path, rules: str) -> list[dict[str, Any]]:
    """What is wrong with these rules, by the error that loading them raises."""
    with pytest.raises(UsageError) as refused:
        rules_in(folder, rules)
    assert refused.value.code == "policy.invalid"
    found: list[dict[str, Any]] = refused.value.details["findings"]
    return found


def ask(
    action: str,
    resource: Resource,
    *,
    who: str = "u:ann",
    groups: tuple[str, ...] = ("g:desk",),
    **context: Any,
) -> Question:
    """A question of ann of the desk, unless told otherwise."""
    proof = Authentication(method="oidc")
    principal = Principal(id=who, groups=groups, authentication=proof)
    return Question(principal=principal, action=action, resource=resource, context=context)


def task(**changes: Any) -> Resource:
    """A task for people; `...` takes an attribute away."""
    attributes = {k: v for k, v in {**TASK, **changes}.items() if v is not ...}
    return Resource(type="HumanTask", id="task/1", attributes=attributes)


def workflow(name: str = "pay", *tags: str) -> Resource:
    """A workflow of the catalog."""
    return Resource(type="WorkflowType", id=name, attributes={"tags": list(tags)})


def payment(**changes: Any) -> dict[str, Any]:
    """An input of `pay`."""
    return {"amount": "5", "count": 1, "kind": "fee", "to": {"name": "bob"}, "note": None} | changes
