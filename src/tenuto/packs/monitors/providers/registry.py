"""Which provider a monitor means."""

from tenuto.activities.definitions.masks import Masks
from tenuto.core.errors import UsageError
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.engine.settings import MonitorsSettings
from tenuto.packs.monitors.models import ProviderConfig
from tenuto.packs.monitors.providers.clients import BY_SETTING, PROVIDERS
from tenuto.packs.monitors.providers.grounded import GroundedSearch
from tenuto.packs.monitors.providers.interface import Provider
from tenuto.packs.monitors.providers.page import WebPage

PAGE = "page"
NAMES = (PAGE, BY_SETTING, *PROVIDERS)


def provider_of(config: ProviderConfig, settings: MonitorsSettings, masks: Masks) -> Provider:
    """The provider; secrets that it resolves join `masks`.

    Raises UsageError `monitors.provider-unknown`.
    """
    if config.provider == PAGE:
        return WebPage()
    if config.provider in NAMES:
        return GroundedSearch(settings, masks)
    raise UsageError(
        f"`{config.provider}` is no provider of monitors. {did_you_mean(config.provider, NAMES)}",
        code="monitors.provider-unknown",
    )


def check_config(config: ProviderConfig, settings: MonitorsSettings) -> None:
    """Refuses what no check could use. Raises UsageError, as the provider's `check` does."""
    provider_of(config, settings, Masks()).check(config)


def described(config: ProviderConfig) -> str:
    """The provider as messages call it."""
    if config.provider == PAGE:
        return "The page"
    return f"The provider `{config.provider}`"
