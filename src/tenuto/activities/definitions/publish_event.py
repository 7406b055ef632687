"""`events.publish`: one event to the sink, and to the runs that listen."""

import asyncio

from temporalio import activity

from tenuto.activities.definitions.event_delivery import deliver, refuse_unsearchable
from tenuto.activities.definitions.event_sink import post_to_sink
from tenuto.activities.definitions.problems import with_problems
from tenuto.catalog import implements
from tenuto.catalog.library.definitions.catalog import publish as entry
from tenuto.catalog.library.definitions.events import CloudEvent, Published, PublishRequest


@implements(entry)
async def publish(request: PublishRequest) -> Published:
    """Who was told of the event.

    The sink first: a run that reacts may rely on the world outside knowing. A repeated attempt
    tells everybody again, who know the event by its source and id. Raises what `post_to_sink`,
    `refuse_unsearchable`, and `deliver` raise, each with `problem` in its details.
    """
    with with_problems():
        event = CloudEvent.model_validate(request.event)
        refuse_unsearchable(event)
        was_posted = await asyncio.to_thread(post_to_sink, request.event)
        told = await deliver(activity.client(), event, request.event)
    return Published(event=request.event, delivered_to=told, sink=was_posted)
