"""The engine's own findings, in words that say where and what to do."""

import re
from collections.abc import Iterable

from tenuto.policy.findings import Finding, finding
from tenuto.policy.lint import Names, near, place_of
from tenuto.policy.rules import Rule
from tenuto.policy.types import quoted

_PREFIX = re.compile(r"^for policy `[^`]*`[,:] ")
_UNKNOWN = re.compile(r"attribute `(?P<path>[^`]+)` .*not found")
_OPTIONAL = re.compile(r"safety of access to optional attribute `(?P<path>[^`]+)`")
_ACTION = re.compile(r'unrecognized action `Action::"(?P<name>.*)"`')
_NO_ACTION_LEFT = "impossible"
_TYPES = re.compile(r"the types .* are not compatible|unexpected type")


def semantic(rule: Rule, errors: Iterable[str], names: Names) -> list[Finding]:
    """The engine's findings about `rule`; of several that one correction settles, the first.

    A name that exists nowhere is told once, not once per action it is missing in.
    """
    findings = [_explained(rule, each, names) for each in sorted(errors)]
    places = {(each.line, each.column, each.code): each for each in reversed(findings)}
    if any(each.code != _NO_ACTION_LEFT for each in findings):
        return [each for each in places.values() if each.code != _NO_ACTION_LEFT]
    return list(places.values())


def _explained(rule: Rule, said: str, names: Names) -> Finding:
    said = _PREFIX.sub("", said)
    if found := _OPTIONAL.search(said):
        path = found["path"]
        remedy = f"Ask first, in the same condition: `... has {path} && ...`."
        return _at(rule, path.rpartition(".")[2], "optional-attribute", said, remedy)
    if found := _UNKNOWN.search(said):
        last = found["path"].rpartition(".")[2]
        remedy = near(last, names.attributes - {last})
        return _at(rule, last, "unknown-attribute", said, remedy)
    if found := _ACTION.search(said):
        remedy = near(found["name"], names.actions)
        return _at(rule, quoted(found["name"]), "unknown-action", said, remedy)
    if "unable to find an applicable action" in said:
        remedy = "The principal or the resource of its head cannot meet its action: correct one."
        return _at(rule, rule.effect, _NO_ACTION_LEFT, said, remedy)
    if _TYPES.search(said):
        return _at(rule, "when", "type", said, "Compare values of one type; amounts as decimal().")
    return _at(rule, "", "invalid", said, "Correct the rule.")


def _at(rule: Rule, word: str, code: str, said: str, remedy: str) -> Finding:
    return finding(place_of(rule, word), code, said, remedy, rule.id or None)
