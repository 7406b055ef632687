"""Bodies of a worker in which completing a monitor never ends: to be killed before it does."""

import asyncio

from tenuto.catalog import implements
from tenuto.packs.monitors import catalog
from tenuto.packs.monitors.activities import standing
from tenuto.packs.monitors.models import CompleteRequest, MonitorRequest, Standing


@implements(catalog.read_standing)
async def read_standing(request: MonitorRequest) -> Standing:
    """As the pack reads it."""
    return await standing.read_standing(request)


@implements(catalog.complete)
async def complete(request: CompleteRequest) -> Standing:
    """Waits for ever."""
    await asyncio.Event().wait()
    raise AssertionError(request)
