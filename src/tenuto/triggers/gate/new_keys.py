"""Sending with a key that is so new that workers may not know it yet."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tenuto.core.errors import TenutoError

PATIENCE_S = 8.0
"""Workers look for new keys every two seconds; for so long a key they do not know is no refusal."""
_BETWEEN_KEYS_S = 0.5
_KEYS_ARE_COMING = ("ticket.unknown-key", "ticket.no-keys")


async def while_keys_travel(send: Callable[[], Awaitable[Any]]) -> Any:
    """What `send` returns; sent again while the worker does not know a key that is quite new."""
    for _ in range(int(PATIENCE_S / _BETWEEN_KEYS_S)):
        try:
            return await send()
        except TenutoError as refused:
            if refused.code not in _KEYS_ARE_COMING:
                raise
        await asyncio.sleep(_BETWEEN_KEYS_S)
    return await send()
