"""What a reply cost, exactly."""

from decimal import Decimal
from typing import TYPE_CHECKING

from tenuto.core.errors import DataError
from tenuto.packs.agents.models import Agent, Price

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse

_MILLION = 1_000_000
_UNIT = Decimal("0.000000001")


def price_of(agent: Agent, response: "ModelResponse", *, name: str) -> Decimal | None:
    """US dollars, to nine decimals: by the agent's own price, else by the published one.

    None where neither is known and the agent's budget sets no limit to money. Raises DataError
    `agents.price-unknown` where it does, since the limit could not be kept.
    """
    usage = response.usage
    if agent.price is not None and not usage.unmeasured_requests:
        return by_tokens(agent.price, usage.input_tokens, usage.output_tokens)
    try:
        return Decimal(response.cost().total_price).quantize(_UNIT)
    except (LookupError, ValueError, AssertionError) as unknown:
        if agent.budget.usd is None:
            return None
        raise DataError(
            f"What `{name}` costs is not known ({unknown}), so a budget in money cannot be kept."
            " Give the agent a `price`, or set `budget.usd` to null.",
            code="agents.price-unknown",
        ) from unknown


def by_tokens(price: Price, input_tokens: int, output_tokens: int) -> Decimal:
    """US dollars by a price for a million tokens, to nine decimals."""
    exact = price.input * input_tokens + price.output * output_tokens
    return (exact / _MILLION).quantize(_UNIT)
