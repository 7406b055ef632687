"""One call of a model: a question, or a form that it fills in, and what the call cost."""

import asyncio
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from tenuto.activities.definitions.masks import Masks
from tenuto.core.errors import DataError
from tenuto.engine.settings import MonitorsSettings
from tenuto.packs.monitors.models import Spent
from tenuto.packs.monitors.providers.clients import Chosen, open_model
from tenuto.packs.monitors.providers.scripted import SCRIPTED

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

# pydantic-ai is imported where it is used: with a client it takes seconds, and monitors of pages
# need no model. Opening the client, in a thread, imports most of it.

FormT = TypeVar("FormT", bound=BaseModel)
_MOST_TOKENS = 8_000
_UNIT = Decimal("0.000000001")
_FORM = "answer"


class Asker:
    """A model, and what it is called with."""

    def __init__(self, which: Chosen, settings: MonitorsSettings, masks: Masks) -> None:
        self.which = which
        self._settings = settings
        self._masks = masks

    async def search(self, instructions: str, question: dict[str, Any]) -> "ModelResponse":
        """The answer of the model, which may search the web.

        Raises DataError `monitors.answer-blocked` where the provider refuses to answer, and the
        client's own errors.
        """
        model = await asyncio.to_thread(open_model, self.which, self._settings, self._masks)
        from pydantic_ai.models import ModelRequestParameters
        from pydantic_ai.native_tools import WebSearchTool
        from pydantic_ai.settings import ModelSettings

        searching = ModelRequestParameters(native_tools=[WebSearchTool()])
        # Anthropic cites only where it is asked to; the others always do, and know no such wish.
        citing = ModelSettings(citations=True) if self.which.provider == "anthropic" else None
        response = await self._ask(model, instructions, question, searching, citing)
        if not (response.text or "").strip():
            raise _unusable(self.which, "it says nothing")
        return response

    async def fill_in(
        self, form: type[FormT], instructions: str, question: dict[str, Any]
    ) -> "tuple[FormT, ModelResponse]":
        """The form, as the model filled it in.

        Raises DataError `monitors.reply-unusable` for what does not fit the form, and as `search`.
        """
        model = await asyncio.to_thread(open_model, self.which, self._settings, self._masks)
        from pydantic_ai.models import ModelRequestParameters
        from pydantic_ai.tools import ToolDefinition

        tool = ToolDefinition(
            name=_FORM,
            description="Give the answer.",
            parameters_json_schema=form.model_json_schema(),
            kind="output",
        )
        asked = ModelRequestParameters(
            output_mode="tool", output_tools=[tool], allow_text_output=False
        )
        response = await self._ask(model, instructions, question, asked)
        calls = [call for call in response.tool_calls if call.tool_name == _FORM]
        if len(calls) != 1:
            raise _unusable(self.which, f"it answers {len(calls)} times in the form asked for")
        try:
            filled = form.model_validate(calls[0].args_as_dict(raise_if_invalid=True))
        except ValidationError as wrong:
            first = wrong.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise _unusable(self.which, f"`{where}`: {first['msg']}") from wrong
        except (ValueError, AssertionError) as wrong:
            raise _unusable(self.which, "its answer is no JSON") from wrong
        return filled, response

    async def _ask(
        self,
        model: "Model",
        instructions: str,
        question: dict[str, Any],
        asked: "ModelRequestParameters",
        more: "ModelSettings | None" = None,
    ) -> "ModelResponse":
        from pydantic_ai.direct import model_request
        from pydantic_ai.messages import ModelRequest, UserPromptPart
        from pydantic_ai.settings import ModelSettings

        prompt = UserPromptPart(json.dumps(question, ensure_ascii=False, indent=1))
        async with model:
            response = await model_request(
                model,
                [ModelRequest(parts=[prompt], instructions=instructions)],
                model_settings=ModelSettings(
                    max_tokens=_MOST_TOKENS,
                    timeout=self._settings.model_timeout_s,
                    request_timeout=self._settings.model_timeout_s,
                    max_retries=0,
                    **(more or {}),
                ),
                model_request_parameters=asked,
            )
        if response.finish_reason == "content_filter":
            raise DataError(
                f"`{self.which}` refuses to answer this question. Ask in other words, or choose"
                " another provider.",
                code="monitors.answer-blocked",
            )
        return response


def spent_on(response: "ModelResponse") -> Spent:
    """What the call cost, in US dollars to nine decimals; None of them where no price is known."""
    usd: Decimal | None = Decimal(0)
    try:
        if response.provider_name != SCRIPTED:
            usd = Decimal(response.cost().total_price).quantize(_UNIT)
    except (LookupError, ValueError, AssertionError):
        usd = None
    return Spent(
        calls=1,
        input_tokens=response.usage.input_tokens,
        output_tokens=response.usage.output_tokens,
        usd=usd,
    )


def _unusable(which: Chosen, why: str) -> DataError:
    return DataError(
        f"The answer of `{which}` cannot be used: {why}. It is asked once more, then the check"
        " fails; if it happens often, choose another model.",
        code="monitors.reply-unusable",
    )
