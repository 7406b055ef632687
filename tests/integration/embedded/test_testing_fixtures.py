"""The fixtures users import: a real server, days that pass in seconds, time that does not."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from tenuto.engine.bootstrap import SUBJECT, prepare_namespace
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.testing.fixtures import RETENTION
from tenuto.testing.time_skipping import can_skip_time
from waiting.runs import QUEUE, WaitForTime, WaitForTimes
from waiting.servers import client_of, worker_of

MONTH_S = timedelta(days=30).total_seconds()


async def test_thirty_days_pass_in_a_moment(time_skipping_client: Client) -> None:
    assert await can_skip_time(time_skipping_client)
    async with worker_of(time_skipping_client), asyncio.timeout(60):
        waited = await time_skipping_client.execute_workflow(
            WaitForTime.run, MONTH_S, id="month", task_queue=QUEUE
        )
    assert waited >= MONTH_S


async def test_more_waits_than_the_servers_own_limit_are_skipped(
    time_skipping_client: Client,
) -> None:
    """The server ends skipping silently after 200 jumps unless told otherwise."""
    async with worker_of(time_skipping_client), asyncio.timeout(120):
        waited = await time_skipping_client.execute_workflow(
            WaitForTimes.run, (250, 86_400.0), id="business-year", task_queue=QUEUE
        )
    assert waited >= 250 * 86_400


async def test_time_is_real_without_asking(temporal_client: Client) -> None:
    async with worker_of(temporal_client):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await temporal_client.execute_workflow(
                    WaitForTime.run, MONTH_S, id="real-month", task_queue=QUEUE
                )
    await temporal_client.get_workflow_handle("real-month").terminate()


async def test_tenutos_search_attributes_work_from_the_first_moment(
    temporal_client: Client,
) -> None:
    await temporal_client.start_workflow(
        "Nobody",
        id="with-subject",
        task_queue="nobody",
        search_attributes=TypedSearchAttributes([SearchAttributePair(SUBJECT, "fund-1")]),
    )


async def test_a_production_server_refuses_to_skip_time(server: EmbeddedServer) -> None:
    assert not await can_skip_time(await client_of(server))


async def test_retention_is_kept_over_a_restart(server: EmbeddedServer) -> None:
    await prepare_namespace(await client_of(server), retention=RETENTION)
    await server.stop()
    await server.start()
    client = await client_of(server)
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION
