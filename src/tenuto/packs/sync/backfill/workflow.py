"""A backfill: one batch of days after the other, each of them a step that is done once."""

from temporalio import workflow

from tenuto.packs.sync.backfill import catalog
from tenuto.packs.sync.backfill.models import (
    BackfillProgress,
    BackfillRequest,
    BackfillResult,
    BatchResult,
)
from tenuto.packs.sync.models import LoadRequest, Window
from tenuto.packs.sync.workflow import prepared_load
from tenuto.workflows.progress import Steps


@workflow.defn(name=catalog.sync_backfill.type_name)
class SyncBackfillWorkflow:
    """Loads the days of a window, in batches."""

    @workflow.init
    def __init__(self, request: BackfillRequest) -> None:
        self._batches = request.batches()
        self._steps = Steps(len(self._batches))
        self._done: list[BatchResult] = []

    @workflow.run
    async def run(self, request: BackfillRequest) -> BackfillResult:
        """What was loaded.

        A batch that is loaded is never loaded again by this run, whatever becomes of workers. The
        cursor of the source's regular syncs stays where it is: a backfill has a pipeline of its
        own. Fails as the first batch fails that cannot be loaded, after its last attempt.
        """
        load = await prepared_load(request.source_name, request.resources)
        destination = ""
        for batch in self._batches:
            words = f"{batch.start} to {batch.end}"
            self._steps.begin(words)
            loaded = await load(_of(request, batch), summary=words)
            destination = loaded.destination
            self._done.append(
                BatchResult(window=batch, row_counts=loaded.row_counts, warnings=loaded.warnings)
            )
        self._steps.begin("done")
        return BackfillResult(
            source_name=request.source_name,
            batches=tuple(self._done),
            row_counts=self._rows(),
            destination=destination,
        )

    @workflow.query
    def progress(self) -> BackfillProgress:
        """How far it is."""
        done = len(self._done)
        return BackfillProgress(
            done=done,
            total=len(self._batches),
            current=self._batches[done] if done < len(self._batches) else None,
            rows=sum(self._rows().values()),
        )

    def _rows(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for batch in self._done:
            for table, number in batch.row_counts.items():
                counts[table] = counts.get(table, 0) + number
        return counts


def _of(request: BackfillRequest, batch: Window) -> LoadRequest:
    return LoadRequest(
        source_name=request.source_name,
        source_kwargs=request.source_kwargs,
        resources=request.resources,
        window=batch,
    )
