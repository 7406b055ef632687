"""From the name of a model to its client, and from a provider's errors to ours."""

import asyncio
import os
from typing import TYPE_CHECKING, NoReturn

from tenuto.core.errors import DataError, TenutoError, TransientError, UsageError
from tenuto.packs.agents.models import Agent

if TYPE_CHECKING:
    from pydantic_ai.models import Model

VARIABLE = "TENUTO_AGENTS_MODEL"
"""The model of agents that name none."""


def model_name(agent: Agent) -> str:
    """The agent's model, or the worker's. Raises UsageError `agents.no-model` for neither."""
    name = agent.model or os.environ.get(VARIABLE, "")
    if not name:
        raise UsageError(
            f"{agent.id} names no model and {VARIABLE} is not set on this worker; give one such as"
            " `openai:gpt-5`, or `scripted` with a script.",
            code="agents.no-model",
        )
    return name


def open_model(name: str) -> "Model":
    """The provider's client; its key comes from this process's environment alone.

    Raises UsageError: `agents.provider-missing` where its package is not installed,
    `agents.model-unusable` for a name nobody knows and for a missing key.
    """
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model

    try:
        return infer_model(name)
    except ImportError as missing:
        extra = name.partition(":")[0].removesuffix("-chat").removesuffix("-responses")
        raise UsageError(
            f"The client for `{name}` is not installed on this worker: {missing}. Install it with"
            f" `pip install 'pydantic-ai-slim[{extra}]'`.",
            code="agents.provider-missing",
        ) from missing
    except (UserError, ValueError) as wrong:
        raise UsageError(
            f"The model `{name}` cannot be used on this worker: {_first_sentence(wrong)} Name it"
            " with its provider, such as `openai:gpt-5`, and set the provider's key in the worker's"
            " environment.",
            code="agents.model-unusable",
        ) from wrong
    except Exception as wrong:
        # Provider packages raise their own error for a missing key.
        raise UsageError(
            f"The client for `{name}` cannot be opened: {wrong}. Set its key in the worker's"
            " environment.",
            code="agents.model-unusable",
        ) from wrong


def _first_sentence(error: Exception) -> str:
    """What the provider's package says before it advises its own users."""
    first, dot, _ = str(error).strip().partition(". ")
    return first.rstrip(".") + "." if dot or first else "it is not known."


def translate(failed: Exception, name: str) -> NoReturn:
    """Raises our error for one of the provider's: TransientError where another attempt may do."""
    from pydantic_ai import exceptions

    if isinstance(failed, TenutoError):
        raise failed
    if isinstance(failed, exceptions.ModelAuthenticationError):
        raise UsageError(
            f"`{name}` does not accept this worker's key: {failed}. Correct it in the worker's"
            " environment.",
            code="agents.key-refused",
        ) from failed
    if isinstance(
        failed, exceptions.ModelRequestRejectedError | exceptions.ModelQuotaExceededError
    ):
        raise DataError(
            f"`{name}` refuses the request, and would again: {failed}", code="agents.model-refused"
        ) from failed
    if isinstance(failed, exceptions.ModelAPIError | asyncio.TimeoutError | OSError):
        wait_s = getattr(failed, "retry_after", None)
        raise TransientError(
            f"`{name}` does not answer: {str(failed) or type(failed).__name__}",
            code="agents.provider-down",
            details={"retry_after_s": wait_s} if wait_s else None,
        ) from failed
    if isinstance(failed, exceptions.AgentRunError):
        raise TransientError(
            f"`{name}` gave a reply that cannot be read: {failed}", code="agents.reply-unreadable"
        ) from failed
    raise failed
