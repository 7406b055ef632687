"""A run of a schedule whose next run is decided by the result of this one."""

from datetime import timedelta

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from tenuto.triggers.schedules.pacing.catalog import pace
from tenuto.triggers.schedules.pacing.models import Paced, PacedStart, PaceStep
from tenuto.triggers.schedules.pacing.path import value_at

_STATUS = SearchAttributeKey.for_keyword("TenutoStatus")
_LONGEST_STATUS = 200


@workflow.defn(name="PacedRun")
class PacedRun:
    """Do a run, and let its result say when the next one is.

    Where the run fails, so does this, and the schedule stays as it is: it starts the next one
    `at_most` after this one was due.
    """

    @workflow.run
    async def run(self, request: PacedStart) -> Paced:
        """When the next run is."""
        result = await self._do(request)
        paced = await pace(
            PaceStep(
                schedule_id=request.schedule_id,
                path=request.path,
                value=value_at(result, request.path),
                ended_at=workflow.now(),
                at_least_s=request.at_least_s,
                at_most_s=request.at_most_s,
            )
        )
        if paced.remark:
            said = paced.remark[:_LONGEST_STATUS]
            workflow.upsert_search_attributes([_STATUS.value_set(said)])
        return paced

    async def _do(self, request: PacedStart) -> JsonValue:
        lasts = request.execution_timeout_s
        pairs = [
            SearchAttributePair(SearchAttributeKey.for_keyword(name), value)
            for name, value in request.found_by.items()
        ]
        result: JsonValue = await workflow.execute_child_workflow(
            request.type_name,
            args=list(request.arguments),
            id=f"{workflow.info().workflow_id}/run",
            task_queue=request.queue,
            execution_timeout=timedelta(seconds=lasts) if lasts is not None else None,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            search_attributes=TypedSearchAttributes(pairs),
            static_summary=request.summary or None,
        )
        return result
