"""`agents.ask_model`: one call of a model, through pydantic-ai's interface to all providers."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import JsonValue

from tenuto.activities.definitions.masks import Masks
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.core.errors import TenutoError
from tenuto.packs.agents.activities import conversation, prices, providers, scripted
from tenuto.packs.agents.activities.masking import masked, masks_for
from tenuto.packs.agents.catalog import ask_model
from tenuto.packs.agents.handoffs import AskModelRequest, ModelReply, News, ToolCall

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse

# pydantic-ai is imported where it is used: it takes 1.5 s, and workers start without agents too.


@implements(ask_model)
async def ask_agents_model(request: AskModelRequest) -> ModelReply:
    """What the model says to the news, its turn kept in the store, secrets masked.

    Raises what `providers` raises: TransientError where another attempt may do.
    """
    masks = masks_for(*(each.text for each in request.news))
    name = providers.model_name(request.agent)
    try:
        return await _ask(request, name, masks)
    except TenutoError as failed:
        masks.error(failed)
        raise


async def _ask(request: AskModelRequest, name: str, masks: Masks) -> ModelReply:
    agent = request.agent
    before = await asyncio.to_thread(conversation.past, request.turns)
    news = conversation.request_of(_masked(request.news, masks), agent.instructions)
    usd: Decimal | None
    if scripted.is_scripted(name):
        script = await asyncio.to_thread(scripted.read_script, agent, name, current_store())
        model = scripted.scripted_model(script)
        response = await _response(model, [*before, news], request, name)
        usd = scripted.reply_number(script, len(request.turns)).usd
    else:
        model = await asyncio.to_thread(providers.open_model, name)
        response = await _response(model, [*before, news], request, name)
        usd = prices.price_of(agent, response, name=name)
    number = len(request.turns) + 1
    turn = await asyncio.to_thread(conversation.keep, news, response, number, masks)
    usage = response.usage
    return ModelReply(
        turn=turn,
        text=masks.text(response.text or ""),
        calls=tuple(_call(part, masks) for part in response.tool_calls),
        model=response.model_name or name,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        usd=usd,
    )


async def _response(
    model: object, messages: "Sequence[ModelMessage]", request: AskModelRequest, name: str
) -> "ModelResponse":
    from pydantic_ai.direct import model_request
    from pydantic_ai.settings import ModelSettings

    known = await asyncio.to_thread(conversation.parameters, request.toolbox)
    try:
        return await model_request(
            model,  # type: ignore[arg-type] # its type is not imported before it is needed
            messages,
            model_settings=ModelSettings(max_tokens=request.most_tokens),
            model_request_parameters=known,
        )
    except Exception as failed:  # noqa: BLE001 (translated, or raised as it is)
        providers.translate(failed, name)


def _masked(news: Sequence[News], masks: Masks) -> list[News]:
    return [each.model_copy(update={"text": masks.text(each.text)}) for each in news]


def _call(part: object, masks: Masks) -> ToolCall:
    arguments: dict[str, JsonValue] | None
    try:
        read = masked(part.args_as_dict(raise_if_invalid=True), masks)  # type: ignore[attr-defined]
        arguments = read if isinstance(read, dict) else None
    except (ValueError, AssertionError):
        arguments = None
    return ToolCall(
        call_id=part.tool_call_id,  # type: ignore[attr-defined]
        tool=part.tool_name,  # type: ignore[attr-defined]
        arguments=arguments,
    )
