"""Runs of a namespace, page by page, and how many there are of each status."""

import base64
import binascii
from datetime import timedelta

from pydantic import AwareDatetime
from temporalio.api.common.v1 import Payload
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.converter import PayloadConverter

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.engine.bootstrap import BUSINESS_DATE, DEFINITION, ENTRY, STATUS, SUBJECT
from tenuto.engine.runs.attributes import search_attributes, word
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.moments import moment, now
from tenuto.engine.runs.origin import started_by
from tenuto.engine.runs.query import RunFilter, visibility_query
from tenuto.engine.runs.status import RunStatus

PAGE_SIZE = 50
ANY_RUN = RunFilter()


class RunSummary(Record):
    """One run, as a list shows it."""

    workflow_id: str
    run_id: str
    type_name: str
    entry: str | None
    """Catalog name it was started by; None for a run started around the catalog."""
    definition: str | None = None
    """`namespace/name:version` of a run that is written as a document."""
    status: RunStatus
    subject: str | None
    business_date: str | None
    """ISO date."""
    stage: str | None
    """The run's own word for where it stands."""
    queue: str
    started_at: AwareDatetime
    closed_at: AwareDatetime | None
    elapsed: timedelta
    """From start to close, or to now."""
    parent_id: str | None
    """Workflow id of the run that started it."""
    started_by: str | None = None
    """The principal that started it; None for a run of a run, and for one that passed no gate."""


class RunPage(Record):
    """One page of runs."""

    runs: tuple[RunSummary, ...]
    next_page: str | None
    """Pass it as `page` for what follows; None at the end."""


async def list_runs(
    client: Client,
    wanted: RunFilter = ANY_RUN,
    *,
    page: str | None = None,
    page_size: int = PAGE_SIZE,
) -> RunPage:
    """One page of the runs that match: open runs first, then closed ones, newest first.

    A run is listed about a second after it started or changed. Raises UsageError for a value
    that may not be searched for and for a page mark that is none.
    """
    request = ListWorkflowExecutionsRequest(
        namespace=client.namespace,
        page_size=page_size,
        query=visibility_query(wanted),
        next_page_token=_token(page),
    )
    with refusals("list of runs"):
        found = await client.workflow_service.list_workflow_executions(request, timeout=PATIENCE)
    token = found.next_page_token
    return RunPage(
        runs=tuple([await _summary(client, info) for info in found.executions]),
        next_page=base64.urlsafe_b64encode(token).decode("ascii") if token else None,
    )


async def count_runs(client: Client, wanted: RunFilter = ANY_RUN) -> dict[RunStatus, int]:
    """How many runs match, by status; every status is there, also with zero."""
    query = visibility_query(wanted)
    request = CountWorkflowExecutionsRequest(
        namespace=client.namespace, query=f"{query} GROUP BY ExecutionStatus".strip()
    )
    with refusals("count of runs"):
        found = await client.workflow_service.count_workflow_executions(request, timeout=PATIENCE)
    counts = dict.fromkeys(RunStatus, 0)
    for group in found.groups:
        counts[RunStatus.from_search_name(_plain(group.group_values[0]))] = group.count
    return counts


async def _summary(client: Client, info: WorkflowExecutionInfo) -> RunSummary:
    attributes = search_attributes(info.search_attributes)
    started, closed = moment(info.start_time) or now(), moment(info.close_time)
    return RunSummary(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        type_name=info.type.name,
        entry=word(attributes, ENTRY.name),
        definition=word(attributes, DEFINITION.name),
        status=RunStatus.from_raw(info.status),
        subject=word(attributes, SUBJECT.name),
        business_date=word(attributes, BUSINESS_DATE.name),
        stage=word(attributes, STATUS.name),
        queue=info.task_queue,
        started_at=started,
        closed_at=closed,
        elapsed=(closed or now()) - started,
        parent_id=info.parent_execution.workflow_id or None,
        started_by=await started_by(client, info.memo),
    )


def _plain(payload: Payload) -> str:
    return str(PayloadConverter.default.from_payload(payload))


def _token(page: str | None) -> bytes:
    if page is None:
        return b""
    try:
        return base64.b64decode(page.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise UsageError(
            f"{page[:40]!r} is not a page mark; take `next_page` of the page before.",
            code="runs.page-mark",
        ) from error
