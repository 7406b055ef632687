"""Tests of rules, as data beside the rules: who wants what, and what the answer has to be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, NonNegativeInt, ValidationError

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.core.yaml12 import read_yaml
from tenuto.identity.principal import Authentication, GroupId, Principal, PrincipalId
from tenuto.policy.decision import Decision, PolicyEngine, Question, Resource
from tenuto.policy.source import read_text

SUFFIX = ".test.yaml"
Expected = Literal["allow", "deny", "approval"]


class Asker(Record):
    """A principal of a test."""

    id: PrincipalId
    groups: tuple[GroupId, ...] = ()
    owner: PrincipalId | None = None
    method: Literal["local", "oidc", "token"] = "oidc"
    mfa_age_s: NonNegativeInt | None = None
    via: str = "console"

    def principal(self) -> Principal:
        """It as questions carry it."""
        proof = Authentication(method=self.method, mfa_age_s=self.mfa_age_s, via=self.via)
        return Principal(id=self.id, groups=self.groups, owner=self.owner, authentication=proof)


class Case(Record):
    """One question, and the answer it has to get."""

    case: str
    """What it shows, in a sentence."""
    principal: str
    """A name of `principals`."""
    action: str
    resource: str
    """A name of `resources`."""
    attributes: dict[str, JsonValue] = Field(default_factory=dict)
    """What is different about the resource here."""
    context: dict[str, JsonValue] = Field(default_factory=dict)
    expect: Expected
    """`approval`: allowed once people approved."""
    because: frozenset[str] | None = None
    """Exactly the rules that decide; an empty list where no rule permits it. Not compared where
    it is left out."""
    redact: frozenset[str] | None = None
    """Exactly what must not be shown."""


class CaseFile(Record):
    """One `*.test.yaml`."""

    principals: dict[str, Asker]
    resources: dict[str, Resource]
    cases: tuple[Case, ...]

    def question(self, case: Case) -> Question:
        """What `case`, one of these, asks. Raises KeyError for a name that is not given above."""
        resource = self.resources[case.resource]
        return Question(
            principal=self.principals[case.principal].principal(),
            action=case.action,
            resource=resource.model_copy(
                update={"attributes": resource.attributes | case.attributes}
            ),
            context=case.context,
        )


class Check(Record):
    """A case with its place and its question."""

    file: str
    case: Case
    question: Question

    def failure(self, engine: PolicyEngine) -> str | None:
        """What the answer of `engine` is instead, in a sentence; None where it is as expected.

        A denial because something could not be evaluated is never what was expected.
        """
        return _difference(self.case, engine.decide(self.question))


def read_checks(folder: Path) -> list[Check]:
    """Every case of every `*.test.yaml` in `folder`. Raises UsageError `policy.cases`."""
    return [check for file in sorted(folder.glob(f"*{SUFFIX}")) for check in _checks(file)]


def _checks(file: Path) -> Iterator[Check]:
    said = read_yaml(read_text(file), str(file))
    try:
        content = CaseFile.model_validate(said)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _refused(file, f"`{place}`: {first['msg']}") from wrong
    for case in content.cases:
        try:
            yield Check(file=file.name, case=case, question=content.question(case))
        except KeyError as missing:
            raise _refused(file, f"`{case.case}` names {missing}, which is not given") from missing


def _refused(file: Path, why: str) -> UsageError:
    return UsageError(
        f"{file}: {why}. A file of cases has `principals`, `resources`, and `cases` with `case`,"
        " `principal`, `action`, `resource`, `expect`.",
        code="policy.cases",
    )


def _difference(case: Case, decision: Decision) -> str | None:
    rules = frozenset(reason.rule for reason in decision.reasons)
    hidden = frozenset(each.path for each in decision.obligations if each.path)
    if decision.problems or answer(decision) != case.expect:
        return f"expected {case.expect}, but it is {answer(decision)}: {decision.sentence()}"
    if case.because is not None and case.because != rules:
        return f"expected because of {_listed(case.because)}, but it is {_listed(rules)}"
    if case.redact is not None and case.redact != hidden:
        return f"expected to hide {_listed(case.redact)}, but it hides {_listed(hidden)}"
    return None


def answer(decision: Decision) -> Expected:
    """The decision in one word."""
    if decision.needs_approval:
        return "approval"
    return "allow" if decision.allowed else "deny"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "nothing"
