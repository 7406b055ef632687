"""The body of `sync.load_source`: waits for the process that loads."""

import sys
from datetime import UTC, datetime

from temporalio import activity

from tenuto.catalog import implements
from tenuto.core.errors import TransientError
from tenuto.engine.project import current_settings
from tenuto.packs.sync.activities.loading.wire import Job, Loaded
from tenuto.packs.sync.activities.process import run_job
from tenuto.packs.sync.catalog import load_source as entry
from tenuto.packs.sync.models import LoadRequest, LoadResult


@implements(entry)
async def load_source(request: LoadRequest) -> LoadResult:
    """Loads what is new. See the entry."""
    settings = current_settings()
    info = activity.info()
    job = Job(
        kind="load",
        request=request,
        root=settings.root,
        file=settings.root / settings.sync.file,
        state=settings.state_path,
        run=f"{info.workflow_id}/{info.workflow_run_id}/{info.activity_id}",
        name=info.workflow_id,
        loaded_at=datetime.now(UTC),
        import_path=tuple(sys.path),
    )
    answer = await run_job(job, activity.heartbeat)
    if not isinstance(answer, Loaded):
        raise TransientError(
            f"The process that loads answered `{answer.said}`.", code="sync.process-died"
        )
    return answer.result
