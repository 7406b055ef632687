"""A model that says what a script says: no network, no chance, the same replies every time."""

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, JsonValue, NonNegativeInt, ValidationError

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.check import explain
from tenuto.core.errors import DataError, TransientError
from tenuto.core.records import Record
from tenuto.core.references import Document, Reference
from tenuto.core.yaml12 import read_yaml
from tenuto.packs.agents.models import Agent

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model
    from pydantic_ai.models.function import AgentInfo

PREFIX = "scripted"


class ScriptedCall(Record):
    """A tool call of the script."""

    tool: str
    """The catalog name, or the name that the model has for it."""
    arguments: dict[str, JsonValue] | str = Field(default_factory=dict)
    """A text is sent as it is, so that a script can be wrong."""


class ScriptedReply(Record):
    """One reply."""

    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    input_tokens: NonNegativeInt = 100
    output_tokens: NonNegativeInt = 20
    usd: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    """What it costs."""
    after_s: Annotated[float, Field(ge=0, le=600)] = 0
    """How long it takes."""
    fails: str = ""
    """Why it never comes; the words of a provider that is down."""


class Script(Record):
    """All replies, in order."""

    replies: Annotated[tuple[ScriptedReply, ...], Field(min_length=1)]


def is_scripted(model: str) -> bool:
    """Whether the model is a script."""
    return model == PREFIX or model.startswith(f"{PREFIX}:")


def read_script(agent: Agent, model: str, store: ArtifactStore) -> Script:
    """The script of `scripted` (the agent's own), `scripted:artifact://...`, `scripted:NAME`.

    Raises DataError `agents.script-missing`, `agents.script-invalid`.
    """
    named = model.partition(":")[2]
    reference: Reference | str | None = named or agent.script
    if reference is None:
        raise DataError(
            f"The model of {agent.id} is `{model}` and the agent has no `script`; name a file.",
            code="agents.script-missing",
        )
    if isinstance(reference, str) and not reference.startswith("artifact://"):
        reference = store.resolve(reference)
    text = store.get_bytes(reference).decode("utf-8", errors="replace")
    label = reference.name if isinstance(reference, Document) else str(reference)
    try:
        return Script.model_validate(read_yaml(text, label or "the script"))
    except ValidationError as wrong:
        first, *others = explain(wrong, Script)
        more = f" And {len(others)} more." if others else ""
        raise DataError(
            f"The script of {agent.id} cannot be read: {first}{more}",
            code="agents.script-invalid",
        ) from wrong


def scripted_model(script: Script) -> "Model":
    """The script as a model of pydantic-ai. The number of replies so far says which is next."""
    from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart
    from pydantic_ai.models.function import FunctionModel
    from pydantic_ai.usage import RequestUsage

    async def reply(messages: "list[ModelMessage]", info: "AgentInfo") -> "ModelResponse":
        number = sum(isinstance(message, ModelResponse) for message in messages)
        said = reply_number(script, number)
        await asyncio.sleep(said.after_s)
        if said.fails:
            raise TransientError(
                f"The model does not answer: {said.fails}.", code="agents.provider-down"
            )
        names = {tool.name for tool in info.function_tools}
        calls = [
            ToolCallPart(_name(call.tool, names), call.arguments, f"call-{number}-{index}")
            for index, call in enumerate(said.calls)
        ]
        return ModelResponse(
            parts=[*([TextPart(said.text)] if said.text else []), *calls],
            usage=RequestUsage(input_tokens=said.input_tokens, output_tokens=said.output_tokens),
        )

    return FunctionModel(reply, model_name=PREFIX)


def reply_number(script: Script, number: int) -> ScriptedReply:
    """The reply after so many others. Raises DataError `agents.script-ended`."""
    if number >= len(script.replies):
        raise DataError(
            f"The script has {len(script.replies)} replies and was asked for one more; its last"
            " reply should call no tool.",
            code="agents.script-ended",
        )
    return script.replies[number]


def _name(tool: str, names: set[str]) -> str:
    plain = tool.replace(".", "_")
    return plain if plain in names else tool
