"""Several sources: each in a run of its own, whatever becomes of the others."""

import asyncio
from typing import Literal

from temporalio import workflow
from temporalio.exceptions import (
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)

from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.errors import TransientError
from tenuto.packs.sync import catalog, messages
from tenuto.packs.sync.models import (
    ScheduledSyncRequest,
    ScheduledSyncResult,
    SourceOutcome,
    SyncSourceRequest,
)
from tenuto.packs.sync.names import ALREADY_RUNNING
from tenuto.packs.sync.workflow import STATUS, tell


@workflow.defn(name=catalog.scheduled_sync.type_name)
class ScheduledSyncWorkflow:
    """Loads several sources."""

    @workflow.run
    async def run(self, request: ScheduledSyncRequest) -> ScheduledSyncResult:
        """How each source ended, in their order.

        One that fails or times out keeps no other from being loaded: then the run is `partial`.
        It fails where none was loaded. People get one summary.
        """
        outcomes = await self._load_all(request)
        failed = tuple(each.source_name for each in outcomes if each.outcome != "loaded")
        state = "failed" if len(failed) == len(outcomes) else "partial" if failed else "complete"
        workflow.upsert_search_attributes([STATUS.value_set(state)])
        notices: tuple[DeliveryReceipt, ...] = ()
        if request.notify_on_failure if failed else request.notify_on_success:
            notices = await tell(messages.of_summary(outcomes))
        if state == "failed":
            raise TransientError(
                "None of the sources could be loaded: "
                + "; ".join(f"{each.source_name}: {each.error_message}" for each in outcomes),
                code="sync.all-failed",
            )
        return ScheduledSyncResult(
            state="partial" if failed else "complete",
            sources=outcomes,
            failed=failed,
            notices=notices,
        )

    async def _load_all(self, request: ScheduledSyncRequest) -> tuple[SourceOutcome, ...]:
        if request.parallel:
            return tuple(await asyncio.gather(*(_load(each) for each in request.sources)))
        return tuple([await _load(each) for each in request.sources])


async def _load(wanted: SyncSourceRequest) -> SourceOutcome:
    run_id = f"sync-{wanted.source_name}"
    alone = wanted.model_copy(update={"notify_on_failure": False, "notify_on_success": False})
    name = wanted.source_name
    try:
        result = await catalog.sync_source.as_child(alone, workflow_id=run_id, summary=name)
    except WorkflowAlreadyStartedError:
        return SourceOutcome(
            source_name=name,
            outcome="skipped",
            error_message=f"already running {run_id}",
            run_id=run_id,
        )
    except ChildWorkflowError as error:
        if is_cancelled_exception(error):
            raise
        return SourceOutcome(
            source_name=name,
            outcome=_outcome(messages.innermost(error)),
            error_message=messages.why(error),
            run_id=run_id,
        )
    return SourceOutcome(source_name=name, outcome="loaded", result=result, run_id=run_id)


def _outcome(cause: BaseException) -> Literal["failed", "timed-out", "skipped"]:
    if messages.is_timeout(cause):
        return "timed-out"
    return "skipped" if messages.code_of(cause) == ALREADY_RUNNING else "failed"
