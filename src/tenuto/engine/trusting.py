"""Keeps this process's trusted keys those on disk, so that a rotation needs no restart."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import NoReturn

from tenuto.core.errors import TenutoError
from tenuto.identity.keys import KeyFolder, KeyRing
from tenuto.identity.trust import trust

LOOK_EVERY_S = 2.0

logger = logging.getLogger(__name__)


def trust_keys(keys: KeyFolder) -> None:
    """Trusts the keys that sign tickets and permits; makes the first where there is none.

    Raises CorruptError for a file that is no key ring, UsageError for one that others can read
    and for a folder that cannot be written.
    """
    trust(keys.open("decisions", datetime.now(UTC)))


async def keep_trusting(keys: KeyFolder) -> NoReturn:
    """Trusts the keys now, and again whenever their file changed; runs until it is cancelled.

    From the second time on, a file that cannot be used is logged and nothing is trusted until it
    can: a ring that was taken away must not go on admitting what it signed.
    """
    seen = keys.version("decisions")
    trust_keys(keys)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        now = keys.version("decisions")
        if now != seen:
            seen = now
            _trust_again(keys)


def _trust_again(keys: KeyFolder) -> None:
    try:
        ring = keys.read("decisions")
    except (TenutoError, OSError) as wrong:
        trust(KeyRing())
        logger.error("keys_not_trusted", extra={"problem": str(wrong)})  # noqa: TRY400 (no trace)
        return
    trust(ring)
    logger.info("keys_trusted", extra={"keys": sorted(ring.verifiers())})
