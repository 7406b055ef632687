"""A machine that stands still for seconds: its runs go on afterwards, and its workers stop."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker._workflow_instance import _WorkflowInstanceImpl

from stalled_workflows import STEPS, ManySteps, SpinsOnce, StallingQueue
from tenuto.engine.worker import sandboxed_runner

PATIENCE = timedelta(seconds=60)


def worker_of(client: Client, queue: str) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[ManySteps, SpinsOnce],
        workflow_runner=sandboxed_runner(["stalled_workflows"]),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    )


async def test_a_stall_in_the_middle_of_a_step_harms_no_run_and_no_shutdown(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = _WorkflowInstanceImpl.__init__

    def create_stalling(self: Any, *given: Any, **named: Any) -> None:
        create(self, *given, **named)
        self._ready = StallingQueue(self._ready)

    monkeypatch.setattr(_WorkflowInstanceImpl, "__init__", create_stalling)
    queue = f"stalls-{uuid4()}"
    async with asyncio.timeout(2 * PATIENCE.total_seconds()):
        async with worker_of(client, queue):
            runs = [
                await client.start_workflow(
                    ManySteps.run, id=f"{queue}-{number}", task_queue=queue, run_timeout=PATIENCE
                )
                for number in range(4)
            ]
            results = await asyncio.gather(*(run.result() for run in runs))
    assert results == [STEPS] * 4
    assert StallingQueue.stalls_left == 0


async def test_a_run_that_spins_is_interrupted_and_its_worker_stops(client: Client) -> None:
    queue = f"spins-{uuid4()}"
    async with asyncio.timeout(2 * PATIENCE.total_seconds()):
        async with worker_of(client, queue):
            run = await client.start_workflow(
                SpinsOnce.run, id=queue, task_queue=queue, run_timeout=PATIENCE
            )
            assert await run.result() == "done"
