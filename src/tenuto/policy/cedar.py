"""Cedar behind the port: the only module that knows the rule engine.

The engine skips a rule that fails and answers without it, so a failing `forbid` would allow. Here
every failure denies: questions are built with the schema, and an answer with a diagnostic error,
or none, is a denial.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cedarpy

from tenuto.core.references import Sha256
from tenuto.policy.actions import read_actions
from tenuto.policy.approvals import missing_approvals
from tenuto.policy.decision import Decision, Question, Reason
from tenuto.policy.findings import Finding, finding, refusal
from tenuto.policy.input_types import input_fields
from tenuto.policy.lint import Names, mistakes
from tenuto.policy.remedies import semantic
from tenuto.policy.rules import Rule, entities_named, names_read
from tenuto.policy.schema import START, Shape, all_actions, cedar_schema, only
from tenuto.policy.slice import World
from tenuto.policy.source import RuleText, read_folder, split, tokens
from tenuto.policy.types import DoesNotFitError, compared

NO_HASH = "0" * 64
"""Stands for the hash of a question that has no canonical form."""
_SCHEMA_FILE = "tenuto.cedarschema"

Schema = Mapping[str, Any]


class CedarPolicy:
    """Rules that were loaded and validated. Made by `load_policy` or `Grammar.policy`."""

    def __init__(
        self,
        rules: Sequence[Rule],
        schema: str,
        world: World,
        parsed: cedarpy.Schema | None = None,
    ) -> None:
        self.rules = {rule.id: rule for rule in rules}
        self.world = world
        self._schema_text = schema
        self.schema = parsed or cedarpy.Schema.from_str(schema)
        written = _written(rules)
        self.rule_set = cedarpy.PolicySet.from_json_str(written)
        self.digest = _digest(written, schema)

    def texts(self) -> Mapping[str, str]:
        """File name -> text of all rules and the schema, as the digest covers them."""
        texts: dict[str, str] = {}
        for rule in self.rules.values():
            file = rule.source.place.file
            texts[file] = texts.get(file, "") + rule.source.text + "\n\n"
        return texts | {_SCHEMA_FILE: self._schema_text}

    def with_rules(self, rules: Sequence[Rule]) -> "CedarPolicy":
        """The same schema with other rules, which read nothing these do not read."""
        return CedarPolicy(rules, self._schema_text, self.world, self.schema)

    def decide(self, question: Question) -> Decision:
        """The answer; never raises for what was asked."""
        try:
            hashed = question_hash(question)
        except (ValueError, RecursionError) as wrong:
            return self._denial(NO_HASH, f"the question has no canonical form: {wrong}")
        try:
            asked = self.world.asked(question)
            answer = cedarpy.is_authorized(
                asked.request, self.rule_set, asked.entities, self.schema
            )
        except (DoesNotFitError, ValueError, TypeError, RecursionError) as wrong:
            return self._denial(hashed, str(wrong))
        if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
            problems = answer.diagnostics.errors or ["the engine gave no answer"]
            return self._denial(hashed, *problems)
        named = [self.rules[name] for name in sorted(answer.diagnostics.reasons)]
        return self._decision(question, hashed, named, allowed=answer.allowed)

    def _decision(
        self, question: Question, hashed: str, named: Sequence[Rule], *, allowed: bool
    ) -> Decision:
        asked_for = [each for rule in named for each in rule.obligations()] if allowed else []
        missing = missing_approvals(question, asked_for)
        return Decision(
            allowed=allowed and not missing,
            reasons=tuple(Reason(rule=r.id, effect=r.effect, text=r.reason) for r in named),
            policy=self.digest,
            question=hashed,
            obligations=(*missing, *(each for each in asked_for if each.kind == "redact")),
        )

    def _denial(self, hashed: str, *problems: str) -> Decision:
        return Decision(
            allowed=False,
            problems=tuple(problem[:_LONGEST_PROBLEM] for problem in problems),
            policy=self.digest,
            question=hashed,
        )


_LONGEST_PROBLEM = 500


class Grammar:
    """What rules may say, of one catalog and one set of actions of one's own."""

    def __init__(self, starts: Mapping[str, Schema], own: Mapping[str, Schema]) -> None:
        self.actions = all_actions(_fields(starts), _fields(own))
        self.schema = cedar_schema(self.actions)
        self.inputs = dict(starts)
        self._inputs = {f"{START}/{name}": schema for name, schema in starts.items()} | dict(own)
        self._validator = cedarpy.Schema.from_str(self.schema)
        self._names = Names(self.actions)

    def read(self, files: Mapping[str, str]) -> tuple[list[Rule], list[Finding]]:
        """The rules of `files` (name -> text), and everything that is wrong with them."""
        rules: list[Rule] = []
        findings: list[Finding] = []
        for source in (each for name, text in files.items() for each in split(name, text)):
            try:
                rules.append(Rule(source, parse_rule(source.text)))
            except ValueError as wrong:
                findings.append(_syntax(source, str(wrong)))
        for rule in rules:
            findings += self._mistakes(rule, rules)
        return rules, sorted(findings, key=lambda each: (each.file, each.line, each.column))

    def accepts(self, tree: Mapping[str, Any]) -> bool:
        """Whether a rule, in Cedar's JSON form, would load."""
        text = cedarpy.policies_from_json_str(json.dumps(_as_set({"rule": tree})))
        return cedarpy.validate_policies(text, self._validator).validation_passed

    def policy(self, rules: Sequence[Rule]) -> CedarPolicy:
        """The engine for rules without mistakes.

        Its schema has only those fields of inputs that a rule reads: a field that nobody reads
        can neither deny by a value without exact form nor cost time.
        """
        actions = only(self.actions, partial(_read_of, rules))
        pruned = cedar_schema(actions)
        text = "\n".join(rule.source.text for rule in rules)
        is_enough = cedarpy.validate_policies(text, pruned).validation_passed
        world = World(
            actions=actions if is_enough else self.actions,
            inputs=self._inputs,
            groups=_groups(rules),
            reads_text=bool(names_read(rules) & {"text", "joined"}),
        )
        return CedarPolicy(rules, pruned if is_enough else self.schema, world)

    def _mistakes(self, rule: Rule, rules: Sequence[Rule]) -> list[Finding]:
        own = mistakes(rule, rules, self._names)
        said = cedarpy.validate_policies(rule.source.text, self._validator).errors
        return own or semantic(rule, [each.error for each in said], self._names)


def load_policy(folder: Path, entries: Mapping[str, Schema]) -> CedarPolicy:
    """The rules of `folder`, for a catalog whose workflows have these input schemas (by name).

    Raises UsageError: `policy.no-folder`, `policy.no-rules`, `policy.unreadable`, and
    `policy.invalid` with every mistake in `details`.
    """
    grammar = Grammar(entries, read_actions(folder))
    rules, findings = grammar.read(read_folder(folder))
    if findings:
        raise refusal(findings)
    return grammar.policy(rules)


def digest_of(texts: Mapping[str, str]) -> Sha256:
    """The digest of the policy that has these `texts`: whether a text is the one that a digest
    names needs nothing but the text. Raises ValueError for what is no policy's texts."""
    files = {name: text for name, text in texts.items() if name != _SCHEMA_FILE}
    sources = (each for name, text in files.items() for each in split(name, text))
    rules = [Rule(source, parse_rule(source.text)) for source in sources]
    return _digest(_written(rules), texts.get(_SCHEMA_FILE, ""))


def question_hash(question: Question) -> Sha256:
    """What `hash_of([question])` is, in a third of the time. Raises ValueError for a number that
    JSON does not have."""
    text = json.dumps(
        [question.model_dump(mode="json")],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def parse_rule(text: str) -> Mapping[str, Any]:
    """Cedar's JSON form of one rule. Raises ValueError."""
    parsed = json.loads(cedarpy.policies_to_json_str(text))
    if parsed["templates"]:
        raise ValueError("it is a template with `?principal` or `?resource`; write them out")
    (tree,) = parsed["staticPolicies"].values()
    return dict(tree)


def _syntax(source: RuleText, said: str) -> Finding:
    place = source.place_of(_culprit(source.text, _complaint))
    return finding(place, "syntax", said, "Correct the rule here; it cannot be read.")


def _complaint(text: str) -> str | None:
    try:
        cedarpy.policies_to_json_str(text)
    except ValueError as wrong:
        return str(wrong)
    return None


def _culprit(text: str, complaint: Callable[[str], str | None]) -> int:
    """Where the shortest beginning of `text` that no ending could save has its last token."""
    for token in tokens(text):
        said = complaint(text[: token.start + len(token.text)])
        if said and "unexpected end of input" not in said:
            return token.start if "unexpected" in said else 0
    return len(text)


def _read_of(rules: Sequence[Rule], action: str, shape: Shape) -> frozenset[str]:
    return names_read(rule for rule in rules if rule.is_about(action, shape.parent))


def _groups(rules: Sequence[Rule]) -> frozenset[str]:
    named = (each for rule in rules for each in entities_named(rule.tree))
    return frozenset(compared(name) for kind, name in named if kind == "Group")


def _digest(written: str, schema: str) -> Sha256:
    return hashlib.sha256(f"{written}\n{schema}".encode()).hexdigest()


def _written(rules: Sequence[Rule]) -> str:
    trees = {rule.id: rule.tree for rule in sorted(rules, key=lambda each: each.id)}
    return json.dumps(_as_set(trees), sort_keys=True)


def _as_set(trees: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {"templates": {}, "staticPolicies": trees, "templateLinks": []}


def _fields(schemas: Mapping[str, Schema]) -> dict[str, Any]:
    return {name: input_fields(schema) for name, schema in schemas.items()}
