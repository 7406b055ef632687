"""What an agent is, what it is asked, what it may spend, and how its work ends."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    JsonValue,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    field_validator,
)

from tenuto.core.people import Person, Who
from tenuto.core.records import Record
from tenuto.core.references import Document, Sha256
from tenuto.identity.principal import GroupId

Text = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1, max_length=50)]
"""A list of texts. One text is a list of one: a string in its place is refused, since its
characters are not what was meant."""

Use = Literal["allow", "ask", "deny"]
"""`allow` runs, `ask` lets a person decide first, `deny` refuses."""

_AGENT_ID = r"^a:[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"


def _named_as_agent(name: object) -> object:
    if isinstance(name, str) and not re.fullmatch(_AGENT_ID, name):
        raise ValueError(
            "expected `a:` and a name of letters, digits, dots, and hyphens, such as `a:clerk`"
        )
    return name


AgentId = Annotated[str, StringConstraints(pattern=_AGENT_ID), BeforeValidator(_named_as_agent)]

Status = Literal["SUCCESS", "POLICY_DENIED", "REJECTED", "BUDGET_EXCEEDED", "GAVE_UP"]
"""`SUCCESS`: it was done; `POLICY_DENIED`: a rule refused the start, or too many tool calls;
`REJECTED`: people refused the start; `BUDGET_EXCEEDED`: what it may spend was spent before it was
done; `GAVE_UP`: the model kept calling tools in a way that cannot be carried out."""


def _positive(span: timedelta) -> timedelta:
    if span <= timedelta(0):
        raise ValueError("expected a span of time above zero")
    return span


Span = Annotated[timedelta, AfterValidator(_positive)]
Usd = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, max_digits=18, decimal_places=9)]
"""US dollars, exact; the currency that every provider's prices are in."""


class Price(Record):
    """What a model costs, in US dollars for a million tokens."""

    input: Usd
    output: Usd


class Budget(Record):
    """What an agent may spend on one task. Reaching it ends the task before the next call."""

    usd: Usd | None = Decimal("1.00")
    """US dollars for the model. None sets no limit, and lets a model without a price be used."""
    tokens: PositiveInt = 200_000
    """Tokens in and out, of all calls."""
    steps: Annotated[int, Field(ge=1, le=200)] = 30
    """Model calls and tool calls together."""
    time: Annotated[Span, Field(le=timedelta(days=1))] = timedelta(minutes=5)
    """Time at work. Waiting for people does not count."""

    @field_validator("usd", mode="before")
    @classmethod
    def _no_float(cls, value: object) -> object:
        if isinstance(value, float):
            raise ValueError("expected decimal text such as '0.50', a float is not exact")  # noqa: TRY004
        return value


class ToolGrant(Record):
    """A catalog activity that an agent may call, and how."""

    activity: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Its catalog name, for example `fetch.http`."""
    use: Use | None = None
    """How a call is treated beside policy; the stricter of the two counts. By default, without
    policy, what changes something outside or reaches a host that `hosts` does not name is asked."""
    fixed: dict[str, JsonValue] = Field(default_factory=dict)
    """Arguments that the model neither sees nor chooses."""
    hosts: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}$")], ...] = ()
    """The only hosts that URLs in its arguments may name. Empty leaves that to policy."""
    risk: Annotated[int, Field(ge=0, le=10)] = 0
    """How much harm a wrong call does; rules compare it."""
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""
    """What the model reads about it; by default the catalog's summary."""


class Agent(Record):
    """Who an agent is: its model, its instructions, its tools, and who answers for it."""

    id: AgentId
    """`a:` and its name; rules know it by this."""
    groups: tuple[GroupId, ...] = ()
    owner: Person | None = None
    """The person who answers for it."""
    model: Annotated[str, StringConstraints(max_length=400)] = ""
    """`openai:gpt-5`, `anthropic:...`, `google:...`, any that pydantic-ai knows; `scripted` with
    `script`, or `scripted:` and an artifact or the name of one. Empty takes the worker's
    `TENUTO_AGENTS_MODEL`."""
    script: Document | None = None
    """What the scripted model says, reply for reply: for rehearsals without a provider."""
    price: Price | None = None
    """What the model costs, where that is not known by its name."""
    instructions: Annotated[str, StringConstraints(max_length=50_000)] = ""
    """What the model is told before everything else."""
    tools: Annotated[tuple[ToolGrant, ...], Field(max_length=50)] = ()
    """All that it can call; nothing else exists for it."""
    budget: Budget = Budget()
    approvers: tuple[Who, ...] = ()
    """Who decides on tool calls that are asked. Without any, such calls are refused."""
    four_eyes: bool = True
    """Whether the person who started the agent may not decide on its calls."""
    decide_within: Span | None = None
    """How long a person has to decide on a call; then it is refused. None waits for ever."""
    most_denials: Annotated[int, Field(ge=1, le=20)] = 3
    """So many refused calls end the task."""
    most_mistakes: Annotated[int, Field(ge=1, le=20)] = 3
    """So many calls in a row that cannot be carried out end the task."""


class AgentTaskRequest(Record):
    """A task for an agent."""

    texts: Texts
    """What it is asked."""
    agent: Agent
    requester: Person | None = None
    """Who wants it done."""
    preparers: tuple[Person, ...] = ()
    """Who else had a hand in it."""
    environment: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "dev"
    """Where it acts; rules read it."""


class Spent(Record):
    """What was spent."""

    usd: Usd = Decimal(0)
    input_tokens: NonNegativeInt = 0
    output_tokens: NonNegativeInt = 0
    model_calls: NonNegativeInt = 0
    tool_calls: NonNegativeInt = 0
    seconds: NonNegativeInt = 0
    """At work, waiting for people left out."""

    @property
    def steps(self) -> int:
        """Model calls and tool calls together."""
        return self.model_calls + self.tool_calls

    @property
    def tokens(self) -> int:
        """In and out."""
        return self.input_tokens + self.output_tokens


class Transcript(Record):
    """All that was said, called, and decided."""

    lines: Document
    """JSON, one happening per line."""
    page: Document
    """The same to read, in Markdown."""


class AgentTaskResult(Record):
    """How a task ended."""

    status: Status
    answer: str = ""
    """The model's last words; of a task that was not done, possibly none."""
    why: str = ""
    """Why it was not done."""
    spent: Spent
    denied: NonNegativeInt = 0
    """Tool calls that were refused."""
    transcript: Transcript


class PolicyStep(Record):
    """What policy said about the start."""

    allowed: bool
    rules: tuple[str, ...] = ()
    why: str = ""
    policy: Sha256 | None = None
    """Digest of the rules that were asked; None where they could not say."""
    question: Sha256
    """Hash of what was asked."""


class ApprovalStep(Record):
    """What people said about the start."""

    task_id: str
    state: str
    by: str | None = None
    at: AwareDatetime
    why: str = ""


class GovernedTaskRequest(Record):
    """A task for an agent that policy and people have to let start."""

    texts: Texts
    agent: Agent
    approvers: Annotated[tuple[Who, ...], Field(min_length=1)]
    """Who may let it start."""
    requester: Person | None = None
    """Who wants it done; that person does not approve it."""
    groups: tuple[GroupId, ...] = ()
    """Groups of that person; rules read them."""
    environment: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "dev"
    approve_within: Span | None = None
    """How long people have to decide; then it ends REJECTED. None waits for ever."""


class GovernedTaskResult(Record):
    """How it ended, with who decided what."""

    status: Status
    why: str = ""
    policy: PolicyStep
    approval: ApprovalStep | None = None
    agent: AgentTaskResult | None = None
