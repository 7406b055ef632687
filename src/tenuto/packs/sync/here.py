"""Loading without a server: in a process of this machine, while the command waits."""

import secrets
from collections.abc import Callable
from datetime import datetime

from tenuto.core.errors import TransientError
from tenuto.engine.settings import Settings
from tenuto.packs.sync.activities.loading.wire import Job, Loaded
from tenuto.packs.sync.activities.process import run_job
from tenuto.packs.sync.models import LoadRequest, LoadResult
from tenuto.packs.sync.planning import import_path


async def load_here(
    settings: Settings,
    request: LoadRequest,
    *,
    now: datetime,
    heard: Callable[[str], None] = lambda _: None,
) -> LoadResult:
    """What one load brought; `heard` gets its progress. Nobody is told, and nothing is tried again.

    Raises the UsageError, DataError, or TransientError that a run would be retried or fail with.
    """
    name = f"local-{secrets.token_hex(6)}"
    job = Job(
        kind="load",
        request=request,
        root=settings.root,
        file=settings.root / settings.sync.file,
        state=settings.state_path,
        run=name,
        name=name,
        loaded_at=now,
        import_path=import_path(settings),
    )
    answer = await run_job(job, heard)
    if not isinstance(answer, Loaded):
        raise TransientError(
            f"The process that loads answered `{answer.said}`.", code="sync.process-died"
        )
    return answer.result
