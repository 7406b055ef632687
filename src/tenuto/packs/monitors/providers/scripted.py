"""A model whose answers stand in a file: rehearsals of searches without a provider or a network.

`[monitors] model = "scripted:web.yaml"`, for monitors of the provider `search`:

    answers:
      Is Python 3.15 out?:
        text: Python 3.15.0 was released on 2026-10-01.
        sources: [{url: https://www.python.org/downloads/, title: Downloads}]
        condition_met: true
        explanation: The page of downloads has it.
        fields:
          - {name: status, type: enum, options: [expected, released], value: released}

The file is what the web says now: change it, and the next check finds a change.
"""

import json
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from tenuto.catalog.check import explain
from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.core.yaml12 import read_yaml
from tenuto.engine.project import current_settings
from tenuto.packs.monitors.models import SchemaField, Source

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model
    from pydantic_ai.models.function import AgentInfo

SCRIPTED = "scripted"


class ScriptedField(SchemaField):
    """A field of an answer, and its value now."""

    value: Annotated[str, Field(max_length=2_000)] | None = None


class ScriptedAnswer(Record):
    """What the web says to one question."""

    text: Annotated[str, Field(min_length=1)]
    sources: tuple[Source, ...] = ()
    """None makes the answer ungrounded."""
    condition_met: bool = False
    explanation: str = "The script says so."
    fields: Annotated[tuple[ScriptedField, ...], Field(min_length=3, max_length=5)]


class Script(Record):
    """What the web says."""

    answers: dict[str, ScriptedAnswer]
    """Question -> answer."""


def scripted_model(file: str) -> "Model":
    """The model that answers as `file` of the project says.

    Raises UsageError `monitors.script` where it cannot be read.
    """
    from pydantic_ai.models.function import FunctionModel
    from pydantic_ai.native_tools import WebSearchTool
    from pydantic_ai.profiles import ModelProfile

    script = _read(file)

    async def reply(messages: "list[ModelMessage]", info: "AgentInfo") -> "ModelResponse":
        return _reply(script, file, messages, info)

    profile = ModelProfile(supported_native_tools=frozenset({WebSearchTool}))
    return FunctionModel(reply, model_name=file, profile=profile)


def _read(file: str) -> Script:
    try:
        text = (current_settings().root / file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The script `{file}` that `model` of `[monitors]` names cannot be read: {error}.",
            code="monitors.script",
        ) from error
    try:
        return Script.model_validate(read_yaml(text, file))
    except ValidationError as wrong:
        raise UsageError(
            f"The script `{file}` is written wrong: {'; '.join(explain(wrong, Script))}.",
            code="monitors.script",
        ) from wrong


def _reply(
    script: Script, file: str, messages: "list[ModelMessage]", info: "AgentInfo"
) -> "ModelResponse":
    from pydantic_ai.messages import (
        Citation,
        CitationSource,
        ModelResponse,
        TextPart,
        ToolCallPart,
        WebCitationSource,
    )
    from pydantic_ai.usage import RequestUsage

    asked = _asked(messages)
    answer = script.answers.get(str(asked["question"]))
    if answer is None:
        known = ", ".join(f"`{each}`" for each in script.answers)
        raise UsageError(
            f"The script `{file}` has no answer to `{asked['question']}`, only to {known}.",
            code="monitors.script",
        )
    part: Any
    if info.output_tools:
        (form,) = info.output_tools
        part = ToolCallPart(form.name, _filled(form.parameters_json_schema, answer, asked))
    else:
        pages: list[CitationSource] = [
            WebCitationSource(each.url, title=each.title, excerpts=[each.snippet])
            for each in answer.sources
        ]
        part = TextPart(answer.text, citations=[Citation(pages)] if pages else None)
    return ModelResponse(
        parts=[part], model_name=file, provider_name=SCRIPTED, usage=RequestUsage()
    )


def _filled(form: dict[str, Any], answer: ScriptedAnswer, asked: dict[str, Any]) -> dict[str, Any]:
    """The form that was asked for: the first verdict, a later one, or whether texts agree."""
    if "condition_met" not in form["properties"]:
        same = [{"name": each["name"], "is_same": False} for each in asked["fields"]]
        return {"fields": same, "summary": ""}
    verdict = {"condition_met": answer.condition_met, "explanation": answer.explanation}
    if "fields" in form["properties"]:
        return {**verdict, "fields": [each.model_dump(mode="json") for each in answer.fields]}
    values = {each.name: each.value for each in answer.fields}
    known = [each["name"] for each in asked["fields"]]
    return {**verdict, "values": [{"name": each, "value": values.get(each)} for each in known]}


def _asked(messages: "list[ModelMessage]") -> dict[str, Any]:
    from pydantic_ai.messages import UserPromptPart

    (prompt,) = (part for part in messages[-1].parts if isinstance(part, UserPromptPart))
    asked: dict[str, Any] = json.loads(str(prompt.content))
    return asked
