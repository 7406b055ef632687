"""Before a run: what people decided at the break desk."""

from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

from tenuto.catalog import implements
from tenuto.core.errors import TransientError
from tenuto.packs.finance.reconciliation import catalog
from tenuto.packs.finance.reconciliation.handoffs import AskDeskRequest, DeskDecisions


@implements(catalog.ask_desk)
async def ask_desk(request: AskDeskRequest) -> DeskDecisions:
    """The desk's decisions; none where no desk was opened yet.

    Raises TransientError `reconciliation.desk-silent` when a desk is there and does not answer.
    """
    desk = activity.client().get_workflow_handle(desk_id(request.rec_id))
    try:
        decisions: DeskDecisions = await desk.query("decisions", result_type=DeskDecisions)
    except RPCError as exc:
        if exc.status is RPCStatusCode.NOT_FOUND:
            return DeskDecisions()
        raise TransientError(
            f"The break desk {desk_id(request.rec_id)} does not answer ({exc.message}); a worker "
            f"of queue `{catalog.QUEUE}` must run. It is asked again under the retry policy.",
            code="reconciliation.desk-silent",
        ) from exc
    return decisions


def desk_id(rec_id: str) -> str:
    """Workflow id of the break desk of a reconciliation."""
    return f"breaks/{rec_id}"
