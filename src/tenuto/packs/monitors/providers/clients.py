"""From `provider:model` to the client of a model, with its key from a secret reference."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from tenuto.activities.definitions.masks import Masks
from tenuto.activities.http_origins import current_origins
from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import UsageError
from tenuto.engine.settings import MonitorsSettings
from tenuto.packs.monitors.models import ProviderConfig
from tenuto.packs.monitors.providers.scripted import SCRIPTED, scripted_model

if TYPE_CHECKING:
    from pydantic_ai.models import Model

BY_SETTING = "search"
"""The provider of monitors that leave the choice to the worker's setting."""


@dataclass(frozen=True)
class _Known:
    origin: str
    path: str
    key: str


PROVIDERS = {
    "google": _Known("https://generativelanguage.googleapis.com", "", "GOOGLE_API_KEY"),
    "openai": _Known("https://api.openai.com", "/v1", "OPENAI_API_KEY"),
    "anthropic": _Known("https://api.anthropic.com", "", "ANTHROPIC_API_KEY"),
}


@dataclass(frozen=True)
class Chosen:
    """A model of a provider."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"


def chosen(config: ProviderConfig, settings: MonitorsSettings) -> Chosen:
    """The model that `config` names, or the one of the settings.

    Raises UsageError `monitors.no-model` where neither names one, `monitors.model-unknown` for a
    provider that is none of ours.
    """
    model = config.model.strip() or settings.model
    provider, colon, name = model.partition(":")
    if config.provider == BY_SETTING:
        if not colon:
            name = ""
    elif not colon:
        provider, name = config.provider, model
    elif provider != config.provider and not config.model:
        name = ""  # the setting names a model of another provider
    if not name:
        raise UsageError(
            f"The monitor's provider is `{config.provider}` and no model of it is named. Set"
            " `config.model` of the monitor, or `model` of `[monitors]` in tenuto.toml, for"
            " example `google:gemini-2.5-flash`.",
            code="monitors.no-model",
        )
    if provider == SCRIPTED and not config.model.strip() and config.provider == BY_SETTING:
        return Chosen(SCRIPTED, name)
    if provider not in PROVIDERS or config.provider not in (BY_SETTING, provider):
        raise UsageError(
            f"`{model}` is no model of `{config.provider}`. Valid providers of models are"
            f" {', '.join(PROVIDERS)}; write `provider:model`, such as `openai:gpt-5-mini`.",
            code="monitors.model-unknown",
        )
    return Chosen(provider, name)


def open_model(which: Chosen, settings: MonitorsSettings, masks: Masks) -> "Model":
    """The client, or the script that stands for one. Its key is resolved now and joins `masks`;
    its address is the provider's own, or what `TENUTO_HTTP_ORIGINS` puts in the place of it.

    Raises UsageError `monitors.client-missing` where its package is not installed, and what
    `resolve_secret` and `scripted_model` raise.
    """
    if which.provider == SCRIPTED:
        return scripted_model(which.model)
    known = PROVIDERS[which.provider]
    reference = settings.keys.get(which.provider, f"secret://env/{known.key}")
    key = resolve_secret(reference).get_secret_value()
    masks.add(key)
    origin = str(current_origins().target(httpx.URL(known.origin))).rstrip("/")
    try:
        return _OPEN[which.provider](which.model, key, origin + known.path)
    except ImportError as missing:
        raise UsageError(
            f"The client of `{which.provider}` is not installed on this worker: {missing.name}."
            " Install it with `pip install 'tenuto[models]'`.",
            code="monitors.client-missing",
        ) from missing


def _google(model: str, key: str, base_url: str) -> "Model":
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel(model, provider=GoogleProvider(api_key=key, base_url=base_url))


def _openai(model: str, key: str, base_url: str) -> "Model":
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIResponsesModel(model, provider=OpenAIProvider(api_key=key, base_url=base_url))


def _anthropic(model: str, key: str, base_url: str) -> "Model":
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    return AnthropicModel(model, provider=AnthropicProvider(api_key=key, base_url=base_url))


_OPEN = {"google": _google, "openai": _openai, "anthropic": _anthropic}
