"""Bodies of `monitors.search`, `monitors.judge`, and `monitors.compare`: by whichever provider."""

from collections.abc import Awaitable
from typing import TypeVar

from temporalio import activity

from tenuto.activities.definitions.masks import Masks
from tenuto.catalog import implements
from tenuto.engine.project import current_settings
from tenuto.packs.monitors import catalog
from tenuto.packs.monitors.models import (
    CompareRequest,
    Comparison,
    Finding,
    Judgement,
    JudgeRequest,
    LookRequest,
    ProviderConfig,
)
from tenuto.packs.monitors.providers.failures import raise_classified
from tenuto.packs.monitors.providers.registry import described, provider_of

ResultT = TypeVar("ResultT")


@implements(catalog.search)
async def search(request: LookRequest) -> Finding:
    """What the provider finds. Raises what `raise_classified` makes of its failures."""
    masks = Masks()
    provider = provider_of(request.config, current_settings().monitors, masks)
    return await _classified(provider.search(request), request.config, masks)


@implements(catalog.judge)
async def judge(request: JudgeRequest) -> Judgement:
    """The provider's verdict. Raises what `raise_classified` makes of its failures."""
    masks = Masks()
    provider = provider_of(request.config, current_settings().monitors, masks)
    return await _classified(provider.judge(request), request.config, masks)


@implements(catalog.compare)
async def compare(request: CompareRequest) -> Comparison:
    """The provider's comparison. Raises what `raise_classified` makes of its failures."""
    masks = Masks()
    provider = provider_of(request.config, current_settings().monitors, masks)
    return await _classified(provider.compare(request), request.config, masks)


async def _classified(asked: Awaitable[ResultT], config: ProviderConfig, masks: Masks) -> ResultT:
    try:
        return await asked
    except Exception as failed:  # noqa: BLE001 (every failure gets a class)
        attempt = activity.info().attempt
        raise_classified(failed, who=described(config), attempt=attempt, masks=masks)
