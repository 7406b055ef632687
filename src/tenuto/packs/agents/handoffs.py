"""What passes between the workflow and its activities."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue, NonNegativeInt

from tenuto.core.records import Record
from tenuto.core.references import Document
from tenuto.packs.agents.models import Agent, ToolGrant, Usd


class OpenToolboxRequest(Record):
    """Which tools are wanted."""

    grants: tuple[ToolGrant, ...]


class Retrying(Record):
    """How often a tool is tried."""

    initial_interval: timedelta
    backoff_coefficient: float
    maximum_interval: timedelta | None
    maximum_attempts: NonNegativeInt


class Tool(Record):
    """A catalog activity as an agent's tool."""

    name: str
    """What the model calls it: the catalog name with `_` for what providers refuse."""
    grant: ToolGrant
    description: str
    chosen: tuple[str, ...]
    """Arguments that the model chooses."""
    writes: bool
    """Whether it changes something outside, or does not say that it does not."""
    spreads: tuple[str, ...] | None = None
    """The arguments that its body takes one by one, in order; None where it takes one request."""
    has_key: bool
    """Whether its request has an `idempotency_key`, which the run fills."""
    queue: str
    start_to_close: timedelta
    schedule_to_start: timedelta | None
    heartbeat: timedelta | None
    retry: Retrying


class Schemas(Record):
    """What is stored of the tools' arguments."""

    by_tool: dict[str, dict[str, JsonValue]]


class Toolbox(Record):
    """The tools of one agent."""

    tools: tuple[Tool, ...] = ()
    schemas: Document | None = None
    """JSON Schema of the arguments that the model chooses, by tool."""

    def find(self, name: str) -> Tool | None:
        """The tool that the model calls `name`."""
        return next((tool for tool in self.tools if tool.name == name), None)


class News(Record):
    """What the model has not been told yet."""

    kind: Literal["task", "tool"]
    text: str
    call_id: str = ""
    tool: str = ""
    outcome: Literal["success", "failed", "denied"] = "success"


class AskModelRequest(Record):
    """One call of the model."""

    agent: Agent
    toolbox: Toolbox
    turns: tuple[Document, ...]
    """What was said before, in order."""
    news: Annotated[tuple[News, ...], Field(min_length=1)]
    most_tokens: NonNegativeInt
    """How long the reply may become."""


class ToolCall(Record):
    """A call that the model wants."""

    call_id: str
    tool: str
    arguments: dict[str, JsonValue] | None
    """None where it sent no JSON object."""


class ModelReply(Record):
    """What the model said, and what it cost."""

    turn: Document
    """News and reply as the provider's client keeps them."""
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    model: str
    """As the provider names it."""
    input_tokens: NonNegativeInt
    output_tokens: NonNegativeInt
    usd: Usd | None
    """None where no price is known and no budget of money needs one."""


class CheckCallRequest(Record):
    """A tool call to be judged by the tool's own request model."""

    tool: Tool
    arguments: dict[str, JsonValue]
    is_edit: bool = False
    """Whether a person wrote the arguments; they may then not hold the fixed ones either."""


class CheckedCall(Record):
    """What will be sent, or why nothing can be."""

    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    """Complete: the model's, the fixed ones, and the idempotency key."""
    hosts: tuple[str, ...] = ()
    """Every host that URLs in it name."""
    problem: str | None = None


Kind = Literal["task", "model", "call", "mistake", "decision", "person", "result", "end"]


class Happening(Record):
    """One line of a transcript."""

    at: AwareDatetime
    kind: Kind
    data: dict[str, JsonValue]


class TranscriptRequest(Record):
    """Everything that is to be written down."""

    workflow_id: str
    agent: str
    happenings: tuple[Happening, ...]
    turns: tuple[Document, ...]


class NoteRequest(Record):
    """A note in the scratch folder of the agent's task."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
    """File name, for example `plan.md`."""
    text: Annotated[str, Field(max_length=100_000)]


class NoteResult(Record):
    """All notes of the task so far, by name."""

    notes: dict[str, str]


class LaunchRequest(Record):
    """A task begins."""

    texts: tuple[str, ...]
    agent: Agent | None = None
    """Who is to do it; held against this worker before anybody is asked."""


class LaunchResult(Record):
    """Where its notes go."""

    folder: str


class CleanUpRequest(Record):
    """A task is over."""

    folder: str


class CleanUpResult(Record):
    """What was removed."""

    files: NonNegativeInt
