"""The rules in force: those that were published last, and before the first time the folder's."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from tenuto.app import project_catalog
from tenuto.core.errors import TenutoError
from tenuto.engine.rules import start_schemas
from tenuto.engine.settings import Settings
from tenuto.policy.cedar import load_policy
from tenuto.policy.decision import PolicyEngine
from tenuto.policy.published import PublishedRules
from tenuto.policy.unusable import UnusableRules

LOOK_EVERY_S = 2.0
"""So soon a process of this machine goes by rules that were published."""

logger = logging.getLogger(__name__)


def published(settings: Settings) -> PublishedRules:
    """What was published on this machine."""
    return PublishedRules(settings.published_path)


def folder_in_force(settings: Settings) -> Path | None:
    """Where the rules in force lie; None where policy is off.

    Raises CorruptError `policy.altered` where published rules were changed.
    """
    if settings.policy_path is None:
        return None
    return published(settings).folder() or settings.policy_path


def rules_in_force(settings: Settings) -> PolicyEngine | None:
    """The project's rules over its whole catalog; None where policy is off.

    Raises UsageError for rules that do not load, CorruptError for published ones that were changed:
    nothing is allowed by half of them.
    """
    folder = folder_in_force(settings)
    if folder is None:
        return None
    return load_policy(folder, start_schemas(project_catalog(settings)))


async def keep_in_force(settings: Settings, apply: Callable[[PolicyEngine], None]) -> NoReturn:
    """Calls `apply` with the rules in force whenever others were published; until cancelled.

    Rules that this process cannot use deny everything, and the log says so: those that were
    replaced must not go on allowing.
    """
    seen = _version(settings)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        now = _version(settings)
        if now != seen:
            seen = now
            apply(await asyncio.to_thread(_changed, settings))


def _version(settings: Settings) -> str | None:
    if settings.policy_path is None:
        return None
    try:
        return published(settings).name()
    except TenutoError as wrong:
        return str(wrong)


def _changed(settings: Settings) -> PolicyEngine:
    try:
        rules = rules_in_force(settings)
    except (TenutoError, OSError) as wrong:
        logger.error("rules_not_usable", extra={"problem": str(wrong)})  # noqa: TRY400 (no trace)
        return UnusableRules(str(wrong))
    assert rules is not None  # noqa: S101 (whoever looks has policy on)
    logger.info("rules_changed", extra={"digest": rules.digest})
    return rules
