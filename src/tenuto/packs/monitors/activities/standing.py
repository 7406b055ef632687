"""What a check asks and tells the engine about its own monitor."""

from temporalio import activity

from tenuto.catalog import implements
from tenuto.core.errors import NotFoundError, TransientError, UsageError
from tenuto.packs.monitors import catalog
from tenuto.packs.monitors.keeping import Kept, change, read
from tenuto.packs.monitors.models import (
    CompleteRequest,
    Monitor,
    MonitorRequest,
    Standing,
    State,
)


@implements(catalog.read_standing)
async def read_standing(request: MonitorRequest) -> Standing:
    """How the monitor stands now. Raises UnreachableError where the server does not answer."""
    try:
        kept = await read(activity.client(), request.monitor_id)
    except NotFoundError:
        return Standing(state="deleted")
    return Standing(state=kept.state)


@implements(catalog.complete)
async def complete(request: CompleteRequest) -> Standing:
    """How the monitor stands afterwards: `completed` where it was active.

    Paused, it stays paused; opened anew since that check began, it stays open.

    Raises TransientError
    `monitors.changed-meanwhile` where somebody else changed it at the same moment.
    """

    async def completed(kept: Kept) -> tuple[Monitor, State] | None:
        is_other = kept.monitor.generation != request.generation
        return None if is_other or kept.state != "active" else (kept.monitor, "completed")

    try:
        kept = await change(activity.client(), request.monitor_id, completed)
    except NotFoundError:
        return Standing(state="deleted")
    except UsageError as error:
        if error.code != "monitors.changed-meanwhile":
            raise
        raise TransientError(error.message, code="monitors.changed-meanwhile") from error
    return Standing(state=kept.state)
