"""The entry of backfills."""

from tenuto.catalog import workflow_entry
from tenuto.packs.sync.backfill.models import BackfillRequest, BackfillResult
from tenuto.packs.sync.catalog import QUEUE

sync_backfill = workflow_entry(
    "sync-backfill",
    type_name="SyncBackfillWorkflow",
    request=BackfillRequest,
    result=BackfillResult,
    summary="Load days of the past again, batch by batch, beside the regular syncs.",
    queue=QUEUE,
    search_attributes=(("TenutoSubject", "source_name"),),
)
