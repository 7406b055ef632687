"""Where a run comes from, by the server's own records: what a start says of itself proves nothing.

Whoever may write to the namespace chooses the headers, the id, the search attributes, and the retry
policy of a start. The parent, the run before it, and what a schedule started are the server's word.
"""

import re
from datetime import timedelta

from temporalio import activity
from temporalio.api.enums.v1 import ContinueAsNewInitiator
from temporalio.api.filter.v1 import StartTimeFilter, WorkflowExecutionFilter
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.api.workflowservice.v1 import ListClosedWorkflowExecutionsRequest
from temporalio.client import Client

from tenuto.core.errors import NotFoundError, PolicyDenied, TransientError
from tenuto.engine.headers import header_text
from tenuto.engine.permit_claim import PermitClaim, Source
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import events
from tenuto.engine.schedules import raw_schedule
from tenuto.identity.ticket import HEADER_PERMIT, Permit

_SCHEDULED = re.compile(r"-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
"""What the engine appends to the id of a scheduled start."""
_BY_ITSELF = ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW
_ATTEMPTS_FOR_A_SCHEDULE = 6
"""With the pauses between them some ten seconds: so long a schedule may take to write down what it
has started."""
_EARLIER = timedelta(hours=1)
"""How long before a permit its first use may seem to be, by clocks that are apart."""


async def refuse_other_source(permit: Permit, claim: PermitClaim, source: Source) -> None:
    """The run before it, or at the root of it, has to be the one that was permitted.

    That one was judged by its own worker, if it ran where our workers are: so it is enough that
    the server knows it there, under the same permit. A run that the server began anew by itself
    (cron, retry policy) follows one that nobody may have judged, or that was refused.
    """
    if source.how == "continued" and await _is_repeated(claim):
        if claim.root is None:
            raise other_run("the server repeats it, by a cron or retry policy that came with it")
        source = Source(how="child", workflow_id=claim.root.workflow_id, run_id=claim.root.run_id)
    owner = claim.root.workflow_id if claim.root else claim.workflow_id
    begun = _attributes(
        await start_of(Execution(workflow_id=source.workflow_id, run_id=source.run_id))
    )
    queue = permit.queue if source.how == "child" else claim.queue
    if (
        not fits(permit, owner)
        or permit.namespace != claim.namespace
        or header_text(begun.header.fields, HEADER_PERMIT) != claim.text
        or begun.task_queue.name != queue
    ):
        raise other_run(
            f"it is for {described(permit)}, and this run comes from"
            f" {begun.workflow_type.name} `{source.workflow_id}` on queue"
            f" `{begun.task_queue.name}`"
        )


async def refuse_second_start(permit: Permit, claim: PermitClaim) -> None:
    """Of a run that another process may have seen begin: all runs before it have ended.

    The server lists an ended run about a second after its end.
    """
    client: Client = activity.client()
    request = ListClosedWorkflowExecutionsRequest(
        namespace=client.namespace,
        maximum_page_size=100,
        start_time_filter=StartTimeFilter(),
        execution_filter=WorkflowExecutionFilter(workflow_id=claim.workflow_id),
    )
    request.start_time_filter.earliest_time.FromDatetime(permit.iat - _EARLIER)
    with refusals(f"list of runs `{claim.workflow_id}`"):
        page = await client.workflow_service.list_closed_workflow_executions(
            request, timeout=PATIENCE
        )
    for info in page.executions:
        run = Execution(workflow_id=claim.workflow_id, run_id=info.execution.run_id)
        if run.run_id not in (claim.run_id, claim.original_run_id):
            await _refuse_same_permit(claim, run)


async def refuse_unscheduled(permit: Permit, claim: PermitClaim) -> None:
    """The schedule itself has to know that it started this run: a start can say of itself that a
    schedule made it."""
    with refusals(f"schedule `{permit.schedule}`"):
        answer = await raw_schedule(activity.client(), permit.schedule or "")
    if answer is None:
        raise other_run(f"the server knows no schedule `{permit.schedule}`")
    started = {each.start_workflow_result.run_id for each in answer.info.recent_actions}
    started |= {each.run_id for each in answer.info.running_workflows}
    if claim.original_run_id in started:
        return
    why = f"schedule `{permit.schedule}` is not known to have started it"
    if activity.info().attempt < _ATTEMPTS_FOR_A_SCHEDULE:
        raise TransientError(f"So far {why}.", code="permit.not-scheduled-yet")
    raise other_run(why)


async def start_of(run: Execution) -> HistoryEvent:
    """The event that a run began with. Raises PolicyDenied for one that the server forgot."""
    client: Client = activity.client()
    try:
        async for event in events(client, run, page_size=1):
            return event
    except NotFoundError as gone:
        raise other_run(f"the server knows no run `{run}` ({run.run_id}) any more") from gone
    raise other_run(f"the server knows no beginning of run `{run}`")


def fits(permit: Permit, workflow_id: str) -> bool:
    """Whether the permit is for that id."""
    if permit.schedule is None:
        return permit.wid == workflow_id
    named, suffix = workflow_id[: len(permit.wid)], workflow_id[len(permit.wid) :]
    return named == permit.wid and _SCHEDULED.fullmatch(suffix) is not None


def described(permit: Permit) -> str:
    """What the permit is for."""
    by = f"schedule `{permit.schedule}`, " if permit.schedule else ""
    return (
        f"{by}{permit.type} `{permit.wid}` on queue `{permit.queue}` of namespace"
        f" `{permit.namespace}`"
    )


def other_run(why: str) -> PolicyDenied:
    """The refusal of a run that the permit is not for."""
    return PolicyDenied(
        f"The permit does not fit this run: {why}. A permit is for one start.",
        code="permit.other-run",
    )


async def _is_repeated(claim: PermitClaim) -> bool:
    own = Execution(workflow_id=claim.workflow_id, run_id=claim.run_id)
    return _attributes(await start_of(own)).initiator != _BY_ITSELF


async def _refuse_same_permit(claim: PermitClaim, run: Execution) -> None:
    begun = _attributes(await start_of(run))
    is_same = header_text(begun.header.fields, HEADER_PERMIT) == claim.text
    if is_same and begun.original_execution_run_id != claim.original_run_id:
        raise used()


def used() -> PolicyDenied:
    """The refusal of a second start."""
    return PolicyDenied("This permit has started a run already.", code="permit.used")


def _attributes(event: HistoryEvent) -> WorkflowExecutionStartedEventAttributes:
    return event.workflow_execution_started_event_attributes
