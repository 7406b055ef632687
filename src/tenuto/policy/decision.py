"""What is asked of policy, and what it answers: the port that every rule engine stands behind."""

from collections.abc import Mapping
from typing import Literal, Protocol

from pydantic import Field, JsonValue, PositiveInt

from tenuto.core.records import Record
from tenuto.core.references import Sha256
from tenuto.identity.principal import GroupId, Principal
from tenuto.identity.ticket import NO_POLICY


class Resource(Record):
    """What something is done to."""

    type: str
    """`WorkflowType`, `Run`, `HumanTask`, `Tool`, `Definition`, `Schedule`, `Policy`, ..."""
    id: str
    attributes: dict[str, JsonValue] = Field(default_factory=dict)
    """What rules may read of it; amounts as decimal text."""


class Question(Record):
    """May this principal do this to that?"""

    principal: Principal
    action: str
    """`area:verb`, for example `workflow:start`."""
    resource: Resource
    context: dict[str, JsonValue] = Field(default_factory=dict)
    """What else rules may read; for a start, `input` holds the run's input."""


class Reason(Record):
    """One rule that had its say."""

    rule: str
    """Its `@id`."""
    effect: str
    """`permit` or `forbid`."""
    text: str = ""
    """Its `@reason`, for people."""


class Obligation(Record):
    """What has to be done besides: a permit with `@requires_approval` or `@redact` asks for it."""

    kind: Literal["approval", "redact"]
    rule: str
    """The rule that asks for it."""
    need: PositiveInt | None = None
    """Of an approval: how many different people."""
    group: GroupId | None = None
    """Of an approval: whose members."""
    path: str | None = None
    """Of a redaction: what is not to be shown, for example `input.tax_id`."""

    def sentence(self) -> str:
        """It in a few words."""
        if self.kind == "redact":
            return f"`{self.path}` is not shown"
        return f"{self.need} of `{self.group}` {'has' if self.need == 1 else 'have'} to approve"


class Decision(Record):
    """The answer. Whatever goes wrong while it is found is a denial."""

    allowed: bool
    """False also while an approval that a rule asks for is missing."""
    reasons: tuple[Reason, ...] = ()
    """The rules that decided; empty for a denial because nothing permits it."""
    problems: tuple[str, ...] = ()
    """What went wrong while rules were evaluated; any of them denies."""
    policy: Sha256
    """Digest of the rules and their schema."""
    question: Sha256
    """Hash of the canonical question."""
    obligations: tuple[Obligation, ...] = ()
    """What the rules that permit it ask for: approvals that are still missing (then it is not
    allowed yet), and what must not be shown of it."""

    @property
    def needs_approval(self) -> bool:
        """Whether it is denied only for want of approvals, so that asking people makes sense."""
        return not self.allowed and any(each.kind == "approval" for each in self.obligations)

    def sentence(self) -> str:
        """Why, in one line."""
        if self.problems:
            return f"the rules could not be evaluated ({'; '.join(self.problems)})"
        told = [f"`{r.rule}`" + (f" ({r.text})" if r.text else "") for r in self.reasons]
        if self.needs_approval:
            missing = [each.sentence() for each in self.obligations if each.kind == "approval"]
            return f"permitted by {', '.join(told)}, for which {' and '.join(missing)}"
        if told:
            return f"{'permitted' if self.allowed else 'forbidden'} by {', '.join(told)}"
        return "policy is off" if self.policy == NO_POLICY else "no rule permits it"


class PolicyEngine(Protocol):
    """Rules that were loaded and validated."""

    @property
    def digest(self) -> Sha256:
        """Names exactly these rules and their schema."""

    def texts(self) -> Mapping[str, str]:
        """File name -> text of all rules and the schema, as the digest covers them."""

    def decide(self, question: Question) -> Decision:
        """The answer; never raises for what was asked."""
