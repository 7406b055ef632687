"""How runs ended, many with one question."""

import asyncio
from collections.abc import Iterable, Sequence

from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.client import Client

from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.status import RunStatus

_AT_ONCE = 250
"""Runs that one question asks for."""


async def outcomes_of(client: Client, run_ids: Iterable[str]) -> dict[str, RunStatus]:
    """Run id -> how the run stands; about a second late, and without runs that are gone."""
    asked = sorted(set(run_ids))
    pages = await asyncio.gather(
        *(_ask(client, asked[at : at + _AT_ONCE]) for at in range(0, len(asked), _AT_ONCE))
    )
    return {run_id: status for page in pages for run_id, status in page.items()}


async def _ask(client: Client, run_ids: Sequence[str]) -> dict[str, RunStatus]:
    named = ", ".join(f"'{run_id}'" for run_id in run_ids)  # the server's own ids
    request = ListWorkflowExecutionsRequest(
        namespace=client.namespace, page_size=len(run_ids), query=f"RunId IN ({named})"
    )
    with refusals("runs of schedules"):
        found = await client.workflow_service.list_workflow_executions(request, timeout=PATIENCE)
    return {info.execution.run_id: RunStatus.from_raw(info.status) for info in found.executions}
