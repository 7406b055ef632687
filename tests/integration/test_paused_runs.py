"""One paused run, which the SDK's own views raise for, hides neither itself nor any other."""

import asyncio
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.api.workflowservice.v1 import PauseWorkflowExecutionRequest
from temporalio.client import Client

from sample.models import ApprovalRequest
from tenuto.core.errors import UnreachableError
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.binary import find_binary
from tenuto.engine.embedded.ports import HOST, choose_ports
from tenuto.engine.embedded.recipe import Profile, server_arguments
from tenuto.engine.runs.describe import describe_run
from tenuto.engine.runs.diagnosis import diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import FindingKind
from tenuto.engine.runs.listing import count_runs, list_runs
from tenuto.engine.runs.query import RunFilter
from tenuto.engine.runs.status import RunStatus
from tenuto.testing import eventually

PAUSING = ("--dynamic-config-value", "frontend.WorkflowPauseEnabled=true")
"""Off unless asked for, in our recipe as in Temporal's own defaults."""


@pytest_asyncio.fixture
async def pausing_client(tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a server that lets runs be paused."""
    ports = choose_ports(frontend=0)
    process = await asyncio.create_subprocess_exec(
        str(find_binary().path),
        *server_arguments(Profile.FAST, ports, "temporal.db"),
        *PAUSING,
        cwd=tmp_path,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )

    async def connected() -> Client:
        target = Target(address=f"{HOST}:{ports.frontend}", origin="embedded")
        try:
            client = await connect(target, patience=timedelta(seconds=2))
            await prepare_namespace(client)
        except UnreachableError as error:
            raise AssertionError(error.message) from error
        return client

    yield await eventually(connected)
    process.kill()
    await process.wait()


async def test_a_paused_run_is_listed_counted_described_and_diagnosed(
    pausing_client: Client,
) -> None:
    client = pausing_client
    for name in ("paused", "other"):
        await client.start_workflow(
            "Approval", ApprovalRequest(subject="F1"), id=name, task_queue="nobody"
        )
    await client.workflow_service.pause_workflow_execution(
        PauseWorkflowExecutionRequest(
            namespace=client.namespace, workflow_id="paused", reason="a question"
        )
    )

    async def both_are_listed() -> None:
        counts = await count_runs(client)
        assert (counts[RunStatus.PAUSED], counts[RunStatus.RUNNING]) == (1, 1)

    await eventually(both_are_listed)
    assert {run.workflow_id: run.status for run in (await list_runs(client)).runs} == {
        "paused": RunStatus.PAUSED,
        "other": RunStatus.RUNNING,
    }
    only = await list_runs(client, RunFilter(status=RunStatus.PAUSED))
    assert [run.workflow_id for run in only.runs] == ["paused"]

    paused = Execution(workflow_id="paused")
    assert (await describe_run(client, paused)).status is RunStatus.PAUSED
    first, *_ = (await diagnose(client, paused)).findings
    assert first.kind is FindingKind.PAUSED
    with pytest.raises(ValueError, match="8 is not a valid WorkflowExecutionStatus"):
        await client.get_workflow_handle("paused").describe()
