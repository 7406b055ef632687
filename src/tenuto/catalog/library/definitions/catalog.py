"""What definitions call besides the rest of the catalog: HTTP, OpenAPI, events, other plans."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.definitions.events import Published, PublishRequest
from tenuto.catalog.library.definitions.http import CallOutput, HttpCall
from tenuto.catalog.library.definitions.loading import LoadedDefinition, LoadRequest
from tenuto.catalog.library.definitions.openapi import OpenApiCall

INTEGRATION = "integration"
DEFINITIONS = "definitions"

call_http = activity(
    "call.http",
    request=HttpCall,
    result=CallOutput,
    summary="Call an HTTP interface.",
    queue=INTEGRATION,
    start_to_close=timedelta(minutes=1),
    side_effect=SideEffect.EXTERNAL,
    idempotency="A POST or PATCH that may have been received is not sent again, unless its author "
    "gave it an Idempotency-Key; other methods are repeatable by definition.",
)

call_openapi = activity(
    "call.openapi",
    request=OpenApiCall,
    result=CallOutput,
    summary="Call an operation of an interface described by OpenAPI.",
    queue=INTEGRATION,
    start_to_close=timedelta(minutes=1),
    side_effect=SideEffect.EXTERNAL,
    idempotency="As of `call.http`, by the method of the operation.",
)

publish = activity(
    "events.publish",
    request=PublishRequest,
    result=Published,
    summary="Send an event to the configured sink and to the runs that listen for it.",
    queue=DEFINITIONS,
    start_to_close=timedelta(minutes=2),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=30),
        maximum_attempts=5,
    ),
    side_effect=SideEffect.EXTERNAL,
    idempotency="Every attempt carries the same source and id, by which runs and the sink know "
    "that they have had the event.",
)

load = activity(
    "definitions.load",
    request=LoadRequest,
    result=LoadedDefinition,
    summary="Load the plan of a deployed definition.",
    queue=DEFINITIONS,
    start_to_close=timedelta(seconds=30),
    idempotency="It only reads; what `latest` means is settled by the attempt that succeeds.",
)
