"""How good the tests of rules are: every small change of a rule has to fail one of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenuto.policy.cases import Check
from tenuto.policy.cedar import CedarPolicy, Grammar
from tenuto.policy.rules import Rule

Tree = Mapping[str, Any]

_OTHER_SIGN = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "lessThan": "lessThanOrEqual",
    "lessThanOrEqual": "lessThan",
    "greaterThan": "greaterThanOrEqual",
    "greaterThanOrEqual": "greaterThan",
}
_OBLIGING = ("requires_approval", "redact")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule, changed."""

    rule: Rule
    change: str
    """What was done to it, in words."""
    tree: Tree | None
    """The changed rule; None where it was taken out."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which changes the tests noticed."""

    killed: tuple[Mutant, ...]
    survived: tuple[Mutant, ...]

    @property
    def score(self) -> float:
        """Share of the changes that a test noticed, 0 to 1; 1 where there is nothing to change."""
        total = len(self.killed) + len(self.survived)
        return len(self.killed) / total if total else 1.0


def coverage(grammar: Grammar, policy: CedarPolicy, checks: Sequence[Check]) -> Coverage:
    """Changes every rule of `policy` in every way that still loads, one at a time, and runs
    `checks`, all of which pass on the rules as they are."""
    killed: list[Mutant] = []
    survived: list[Mutant] = []
    for mutant in mutants(grammar, policy):
        changed = policy.with_rules(_replaced(policy, mutant))
        is_noticed = any(check.failure(changed) for check in _likeliest_first(checks, mutant.rule))
        (killed if is_noticed else survived).append(mutant)
    return Coverage(killed=tuple(killed), survived=tuple(survived))


def mutants(grammar: Grammar, policy: CedarPolicy) -> Iterator[Mutant]:
    """Every change of every rule."""
    for rule in policy.rules.values():
        yield Mutant(rule, "taken out", None)
        for change, tree in _changes(rule.tree):
            if grammar.accepts(tree):
                yield Mutant(rule, change, tree)


def _likeliest_first(checks: Sequence[Check], rule: Rule) -> list[Check]:
    return sorted(checks, key=lambda check: rule.id not in (check.case.because or ()))


def _replaced(policy: CedarPolicy, mutant: Mutant) -> list[Rule]:
    others = [rule for rule in policy.rules.values() if rule is not mutant.rule]
    return others + ([Rule(mutant.rule.source, mutant.tree)] if mutant.tree else [])


def _changes(tree: Tree) -> Iterator[tuple[str, Tree]]:
    other = "forbid" if tree["effect"] == "permit" else "permit"
    yield f"`{tree['effect']}` is `{other}`", {**tree, "effect": other}
    yield from _scopes(tree)
    for number, condition in enumerate(tree["conditions"]):
        kept = [each for place, each in enumerate(tree["conditions"]) if place != number]
        kind = condition["kind"]
        yield f"without its {kind!r} number {number + 1}", {**tree, "conditions": kept}
        for change, body in _expressions(condition["body"]):
            new = [*kept[:number], {"kind": kind, "body": body}, *kept[number:]]
            yield change, {**tree, "conditions": new}
    for name in _OBLIGING:
        if name in tree.get("annotations", {}):
            left = {k: v for k, v in tree["annotations"].items() if k != name}
            yield f"without `@{name}`", {**tree, "annotations": left}


def _scopes(tree: Tree) -> Iterator[tuple[str, Tree]]:
    for part in ("principal", "resource"):
        scope = tree[part]
        if scope["op"] in ("in", "=="):
            yield f"for any {part}", {**tree, part: {"op": "All"}}
        elif "in" in scope:
            looser = {"op": "is", "entity_type": scope["entity_type"]}
            yield f"for any {part} of the type", {**tree, part: looser}
    entities = tree["action"].get("entities", [])
    for named in entities if len(entities) > 1 else []:
        fewer = [each for each in entities if each is not named]
        action = {**tree["action"], "entities": fewer}
        yield f"without action `{named['id']}`", {**tree, "action": action}


def _expressions(body: Tree) -> Iterator[tuple[str, Tree]]:
    """Every variant of an expression with one change in it."""
    for sign, inner in body.items():
        if sign in ("&&", "||"):
            yield f"only the left side of a `{sign}`", inner["left"]
            yield f"only the right side of a `{sign}`", inner["right"]
        if sign == "!":
            yield "without a `!`", inner["arg"]
        if sign in _OTHER_SIGN:
            yield f"`{sign}` is `{_OTHER_SIGN[sign]}`", {_OTHER_SIGN[sign]: inner}
        if sign in ("&&", "||", "!"):
            for name, part in inner.items():
                for change, changed in _expressions(part):
                    yield change, {sign: {**inner, name: changed}}
