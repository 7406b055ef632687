"""A rule as data: what it is called, what it names, and what it asks for besides a yes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tenuto.policy.decision import Obligation
from tenuto.policy.source import RuleText
from tenuto.policy.types import compared

ANNOTATIONS = ("id", "reason", "requires_approval", "redact")
_APPROVAL = re.compile(r"([1-9][0-9]?) (g:\S.*)")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that was read."""

    source: RuleText
    tree: Mapping[str, Any]
    """Cedar's own JSON form of it."""

    @property
    def annotations(self) -> Mapping[str, str]:
        """What stands before it with an `@`."""
        return {name: text or "" for name, text in self.tree.get("annotations", {}).items()}

    @property
    def id(self) -> str:
        """Its `@id`; empty where it has none."""
        return self.annotations.get("id", "")

    @property
    def effect(self) -> str:
        """`permit` or `forbid`."""
        return str(self.tree["effect"])

    @property
    def reason(self) -> str:
        """Its `@reason`, for people."""
        return self.annotations.get("reason", "")

    def is_about(self, action: str, parent: str) -> bool:
        """Whether its head lets it judge `action`, which may belong to another, `parent`."""
        scope = self.tree["action"]
        named = [scope.get("entity"), *scope.get("entities", ())]
        return scope["op"] == "All" or bool(
            {action, parent} & {each["id"] for each in named if each}
        )

    def obligations(self) -> tuple[Obligation, ...]:
        """What it asks for. Raises ValueError for an annotation that says no such thing."""
        found: list[Obligation] = []
        if (text := self.annotations.get("requires_approval")) is not None:
            said = _APPROVAL.fullmatch(text)
            if said is None:
                raise ValueError(f'@requires_approval is "{text}", expected like "2 g:fund-ops"')
            need, group = int(said[1]), compared(said[2])
            found.append(Obligation(kind="approval", rule=self.id, need=need, group=group))
        for path in self.annotations.get("redact", "").split():
            if not _PATH.fullmatch(path):
                raise ValueError(f'@redact names "{path}", expected like "input.tax_id"')
            found.append(Obligation(kind="redact", rule=self.id, path=path))
        return tuple(found)


def names_read(rules: Iterable[Rule]) -> frozenset[str]:
    """Every name of an attribute that rules read, ask for with `has`, or write in a record."""
    return frozenset(name for rule in rules for name in _names(rule.tree))


def entities_named(tree: Any) -> Iterator[tuple[str, str]]:
    """Type and id of every entity that a rule names."""
    for node in nodes(tree):
        if isinstance(node, Mapping) and isinstance(node.get("type"), str) and "id" in node:
            yield node["type"], str(node["id"])


def nodes(tree: Any) -> Iterator[Any]:
    """Every part of a rule's tree, itself first."""
    yield tree
    inner = tree.values() if isinstance(tree, Mapping) else tree if isinstance(tree, list) else ()
    for each in inner:
        yield from nodes(each)


def _names(tree: Mapping[str, Any]) -> Iterator[str]:
    for node in nodes(tree.get("conditions", [])):
        if not isinstance(node, Mapping):
            continue
        for sign in (".", "has"):
            if isinstance(node.get(sign), Mapping):
                yield str(node[sign].get("attr"))
        if isinstance(node.get("Record"), Mapping):
            yield from node["Record"]
