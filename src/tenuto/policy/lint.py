"""Mistakes that the engine's own validation lets pass, because they only never fire."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tenuto.policy.demands import broken_promises
from tenuto.policy.findings import Finding, finding
from tenuto.policy.rules import ANNOTATIONS, ID, Rule, entities_named, nodes
from tenuto.policy.schema import CALL, IDENTITY, RESOURCES, START, Shape
from tenuto.policy.source import Place
from tenuto.policy.types import Field, Fields, Many, Text, Type, compared, quoted

_PREFIXES = {"User": "u:", "Service": "s:", "Agent": "a:", "Group": "g:"}


class Names:
    """Every name that rules of one catalog can use."""

    def __init__(self, actions: Mapping[str, Shape]) -> None:
        self.actions = actions
        self.attributes: set[str] = {"call", "text", "joined"}
        for fields in _everywhere(actions):
            self._learn(fields)

    def words_at(self, rule: Rule, path: Sequence[str]) -> frozenset[str] | None:
        """What the text at `path` below `context` may be, in every action the rule judges; None
        where it may be anything."""
        known: set[str] = set()
        for name, shape in self.actions.items():
            kind = _at(shape, path) if rule.is_about(name, shape.parent) else None
            if isinstance(kind, Text) and kind.values:
                known |= set(kind.values)
            elif kind is not None:
                return None
        return frozenset(known) or None

    def _learn(self, fields: Mapping[str, Field]) -> None:
        for name, each in fields.items():
            self.attributes.add(name)
            kind = _item(each.type)
            if isinstance(kind, Fields):
                self._learn(kind.fields)


def _everywhere(actions: Mapping[str, Shape]) -> Iterator[Mapping[str, Field]]:
    yield from (CALL.fields, IDENTITY.fields)
    yield from (kind.fields for kind in RESOURCES.values())
    yield from (shape.context for shape in actions.values())


def _at(shape: Shape, path: Sequence[str]) -> Type | None:
    kind: Type | None = Fields({"call": Field(CALL), **shape.context})
    for name in path:
        found = kind.fields.get(name) if isinstance(kind, Fields) else None
        kind = _item(found.type) if found is not None else None
    return kind


def _item(kind: Type) -> Type:
    return _item(kind.item) if isinstance(kind, Many) else kind


def mistakes(rule: Rule, rules: Sequence[Rule], names: Names) -> list[Finding]:
    """What is wrong with the form of `rule`, one of `rules`, or with names in it."""
    said = [*_annotations(rule, rules, names), *_scope(rule), *_words(rule, names)]
    return [finding(place, code, what, to_do, rule.id or None) for place, code, what, to_do in said]


_Said = Iterator[tuple[Place, str, str, str]]


def _annotations(rule: Rule, rules: Sequence[Rule], names: Names) -> _Said:
    here = rule.source.place
    if not ID.fullmatch(rule.id):
        found = f'its @id is "{rule.id}"' if rule.id else "it has no @id"
        yield here, "id", found, 'Name it: `@id("lower-case-words")`.'
    earlier = [each for each in rules if each.id == rule.id and each is not rule]
    if rule.id and earlier and rules.index(rule) > rules.index(earlier[0]):
        yield here, "id-taken", f"{earlier[0].source.place} has the same @id", "Rename one of them."
    for name in rule.annotations:
        if name not in ANNOTATIONS:
            known = ", ".join(f"`@{each}`" for each in ANNOTATIONS)
            yield place_of(rule, name), "annotation", f"`@{name}` means nothing", f"Known: {known}."
    try:
        obliges = rule.obligations()
    except ValueError as wrong:
        yield here, "annotation", str(wrong), "Correct it."
        return
    if obliges and rule.effect == "forbid":
        yield here, "annotation", "a `forbid` asks for nothing more", "Put it on a `permit`."
        return
    for what, to_do in broken_promises(rule, names.actions):
        yield here, "annotation", what, to_do


def _scope(rule: Rule) -> _Said:
    action = rule.tree["action"]
    named = [action.get("entity"), *action.get("entities", [])]
    if action["op"] == "==" and named[0]["id"] == START:
        yield (
            place_of(rule, quoted(START)),
            "start-group",
            f"`action ==` never fits `{START}`: each workflow's start is an action below it",
            f'Write `action in Action::"{START}"`, or `action == Action::"{START}/NAME"`.',
        )
    for kind, name in entities_named(rule.tree):
        prefix = _PREFIXES.get(kind)
        if prefix and (not name.startswith(prefix) or compared(name) != name):
            right = compared(name) if name[1:2] == ":" else compared(prefix + name)
            yield (
                place_of(rule, quoted(name)),
                "name",
                f'{kind}::"{name}" is nobody: names are compared in one form',
                f'Write `{kind}::"{right}"`.',
            )


def _words(rule: Rule, names: Names) -> _Said:
    for node in nodes(rule.tree["conditions"]):
        if not isinstance(node, Mapping):
            continue
        if isinstance(node.get("has"), Mapping) and node["has"].get("attr") not in names.attributes:
            unknown = str(node["has"].get("attr"))
            what = f"nothing has an attribute `{unknown}`"
            yield (
                place_of(rule, unknown),
                "unknown-attribute",
                what,
                near(unknown, names.attributes),
            )
        for path, word in _compared_words(node):
            known = names.words_at(rule, path)
            if known is not None and word not in known:
                what = f'`context.{".".join(path)}` is never "{word}"'
                yield place_of(rule, quoted(word)), "unknown-value", what, near(word, known)


def _compared_words(node: Mapping[str, Any]) -> Iterator[tuple[list[str], str]]:
    """Path below `context` and text literal of every comparison that `node` is."""
    for sign in ("==", "!=", "contains"):
        sides = node.get(sign)
        if not isinstance(sides, Mapping):
            continue
        for one, other in ((sides["left"], sides["right"]), (sides["right"], sides["left"])):
            path = _path(one)
            for word in _literals(other) if path else ():
                yield path, word


def _path(node: Mapping[str, Any]) -> list[str]:
    """Names from `context` down to `node`; empty where it is no such thing."""
    names: list[str] = []
    while isinstance(node.get("."), Mapping):
        names.append(str(node["."]["attr"]))
        node = node["."]["left"]
    return names[::-1] if node.get("Var") == "context" else []


def _literals(node: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(node.get("Value"), str):
        yield node["Value"]
    for each in node.get("Set", ()):
        yield from _literals(each)


def place_of(rule: Rule, word: str) -> Place:
    """Where `word` first stands in the rule after its name, else where the rule begins."""
    text = rule.source.text
    named = text.find(quoted(rule.id)) + len(quoted(rule.id)) if rule.id else 0
    return rule.source.place_of(max(text.find(word, named), 0))


def near(word: str, known: Collection[str]) -> str:
    """What may have been meant."""
    close = difflib.get_close_matches(word, sorted(known), n=3)
    if close:
        return f"Did you mean {' or '.join(f'`{each}`' for each in close)}?"
    listed = sorted(known)[:12]
    return f"Known: {', '.join(f'`{each}`' for each in listed)}" + (
        ", ..." if len(known) > len(listed) else "."
    )
