"""What Sync can be asked: its steps, and the workflows that order them."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.packs.sync.models import (
    LoadRequest,
    LoadResult,
    PreparedSource,
    PrepareRequest,
    Recipients,
    RecipientsRequest,
    ScheduledSyncRequest,
    ScheduledSyncResult,
    SyncSourceRequest,
    SyncSourceResult,
)

QUEUE = "sync"

LONGEST_WAIT = timedelta(minutes=10)
"""Between two attempts of a load, however often it is tried."""

prepare_source = activity(
    "sync.prepare_source",
    request=PrepareRequest,
    result=PreparedSource,
    summary="Find a source in `sync.yaml` and whether its secrets are there.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    idempotency="Reads, and changes nothing.",
)

load_source = activity(
    "sync.load_source",
    request=LoadRequest,
    result=LoadResult,
    summary="Load what is new in a source into its destination.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=30),
    # The processes that load want all of the machine, and the worker's beats wait for their turn.
    heartbeat=timedelta(seconds=20),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=5),
        maximum_interval=LONGEST_WAIT,
        maximum_attempts=3,
    ),
    side_effect=SideEffect.EXTERNAL,
    idempotency="What an attempt had extracted is completed by the next one, not extracted again.",
)

list_recipients = activity(
    "sync.list_recipients",
    request=RecipientsRequest,
    result=Recipients,
    summary="Read from `sync.yaml` who is told about syncs.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    idempotency="Reads, and changes nothing.",
)

sync_source = workflow_entry(
    "sync-source",
    type_name="SyncSourceWorkflow",
    request=SyncSourceRequest,
    result=SyncSourceResult,
    summary="Load what is new in one source into its destination.",
    queue=QUEUE,
    search_attributes=(("TenutoSubject", "source_name"),),
)

scheduled_sync = workflow_entry(
    "scheduled-sync",
    type_name="ScheduledSyncWorkflow",
    request=ScheduledSyncRequest,
    result=ScheduledSyncResult,
    summary="Load several sources; one that fails does not keep the others from being loaded.",
    queue=QUEUE,
)
