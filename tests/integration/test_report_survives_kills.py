"""A worker killed after the mail server took a report: nobody gets it twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from report_desk import changed, go, make_project, receivers, write
from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from tenuto.testing import eventually


@pytest_asyncio.fixture
async def report_process(own_server: KillableServer, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts workers of reports on this test's own server."""
    project = tmp_path / "project"
    project.mkdir()
    make_project(project)
    write(project, "one", changed(recipients={"email": ["ann@example.com"]}))
    options = ("--project", str(project))
    async with worker_processes(own_server, tmp_path, *options, module="report_desk") as one_more:
        yield one_more


@pytest.mark.chaos
async def test_sig_14_a_killed_worker_sends_no_report_twice(
    own_client: Client,
    report_process: StartWorker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = tmp_path / "held"
    held.mkdir()
    with receivers(monkeypatch.setenv, monkeypatch.setattr) as world:
        first = await report_process("--hold-in", str(held))
        going = asyncio.create_task(go(own_client, "one", "email"))

        async def sent_and_known() -> None:
            assert len(list(held.iterdir())) == 1
            query = "WorkflowType='RunReportWorkflow'"
            (run,) = [each async for each in own_client.list_workflows(query)]
            description = await own_client.get_workflow_handle(run.id).describe()
            (pending,) = description.raw_description.pending_activities
            assert pending.heartbeat_details.payloads

        await eventually(sent_and_known)
        await first.kill()
        await report_process()
        result = await asyncio.wait_for(going, timeout=90)
        assert len(world.mail.received) == 1
    assert [each.outcome for each in result.channels[0].receipts] == ["delivered"]
