"""`files.look`: what lies there now."""

import asyncio
from datetime import UTC, datetime

from tenuto.activities.arrivals.looking import look
from tenuto.catalog import implements
from tenuto.catalog.library.arrivals.catalog import look_for_files as entry
from tenuto.catalog.library.arrivals.models import Look, LookRequest


@implements(entry)
async def look_for_files(request: LookRequest) -> Look:
    """What lies there now, and what has stopped changing. Raises as `look` does."""
    return await asyncio.to_thread(look, request, datetime.now(UTC))
