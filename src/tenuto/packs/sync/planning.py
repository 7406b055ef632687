"""What the command line asks about sources without a run: a dry run, and earlier loads."""

import secrets
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from tenuto.core.errors import TransientError
from tenuto.engine.settings import Settings
from tenuto.packs.sync.activities.loading.wire import Job, Planned, Remembered, Said
from tenuto.packs.sync.activities.process import run_job
from tenuto.packs.sync.models import LoadRequest, PastLoad, SyncPlan


async def plan_sync(
    settings: Settings,
    request: LoadRequest,
    *,
    now: datetime,
    heard: Callable[[str], None] = lambda _: None,
) -> SyncPlan:
    """What a sync would do; asks the source and writes nothing. `heard` gets the progress.

    Raises the UsageError, DataError, or TransientError the sync would fail with.
    """
    answer = await run_job(_job("plan", settings, request, now), heard)
    if not isinstance(answer, Planned):
        raise _unexpected(answer)
    return answer.plan


async def past_loads(
    settings: Settings, source_name: str, *, now: datetime
) -> tuple[PastLoad, ...]:
    """The last twenty loads that the destination of a source remembers, newest first.

    Waits while a sync writes to a DuckDB file. Raises as `plan_sync`.
    """
    request = LoadRequest(source_name=source_name)
    answer = await run_job(_job("history", settings, request, now), lambda _: None)
    if not isinstance(answer, Remembered):
        raise _unexpected(answer)
    return answer.loads


def import_path(settings: Settings) -> tuple[str, ...]:
    """Where a process that a command starts imports from: the project first, as its workers do."""
    folders = (settings.root / "src", settings.root)
    return (*(str(each) for each in folders if each.is_dir()), *sys.path)


def _job(
    kind: Literal["plan", "history"], settings: Settings, request: LoadRequest, now: datetime
) -> Job:
    return Job(
        kind=kind,
        request=request,
        root=settings.root,
        file=settings.root / settings.sync.file,
        state=settings.state_path,
        run=f"{kind}-{secrets.token_hex(6)}",
        name=kind,
        loaded_at=now,
        import_path=import_path(settings),
    )


def _unexpected(answer: Said) -> TransientError:
    return TransientError(
        f"The process that reads the source answered `{answer.said}`.", code="sync.process-died"
    )
