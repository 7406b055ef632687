"""Expressions in real workflows, with the sandbox on: they work, and a runaway harms no other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import JsonValue
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, Worker

from expression_workflows import EvaluateDeeply, EvaluateTemplates, Evaluating
from tenuto.core.errors import TenutoError
from tenuto.definitions.expressions import SANDBOX_PASSTHROUGH
from tenuto.engine.worker import sandboxed_runner

QUEUE = f"expressions-{uuid4()}"
WORKFLOWS = [EvaluateTemplates, EvaluateDeeply]
RUNAWAYS = [
    "${ last(range(1e15)) }",
    "${ def f: f; f }",
    "${ reduce range(40) as $i (1; [., .]) | tojson }",
    '${ "a" * 40 | test("^(a+)+$") }',
    "${ until(false; .) }",
    "${ now }",
]


@pytest_asyncio.fixture(scope="module")
async def evaluating(client: Client) -> AsyncIterator[Client]:
    """A client of a worker that runs the workflows of this test in the sandbox."""
    worker = Worker(
        client,
        task_queue=QUEUE,
        workflows=WORKFLOWS,
        workflow_runner=sandboxed_runner(SANDBOX_PASSTHROUGH),
        workflow_failure_exception_types=[TenutoError],
    )
    async with worker:
        yield client


async def started(
    client: Client, templates: list[JsonValue], data: JsonValue = None
) -> WorkflowHandle[EvaluateTemplates, list[JsonValue]]:
    return await client.start_workflow(
        EvaluateTemplates.run,
        Evaluating(templates=templates, data=data),
        id=f"evaluating-{uuid4()}",
        task_queue=QUEUE,
        execution_timeout=timedelta(seconds=60),
    )


async def test_inv_18_expressions_are_evaluated_inside_the_sandbox(evaluating: Client) -> None:
    data: JsonValue = {"fund": "Atlas", "prices": [{"isin": "A", "price": "10.5"}]}
    templates: list[JsonValue] = [
        {"name": "${ .fund | ascii_downcase }", "literal": "Hello ${ .fund }"},
        "${ .prices | map({key: .isin, value: .price}) | from_entries }",
        '${ "2024-02-29T12:00:00Z" | fromdate | strftime("%A") }',
        '${ .prices[0].isin | test("^[A-Z]$") }',
        "${ $workflow.id }",
    ]
    handle = await started(evaluating, templates, data)
    assert await handle.result() == [
        {"name": "atlas", "literal": "Hello ${ .fund }"},
        {"A": "10.5"},
        "Thursday",
        True,
        handle.id,
    ]


async def test_inv_18_a_runaway_ends_its_run_and_no_other(evaluating: Client) -> None:
    good = [await started(evaluating, ["${ 1 + 1 }"] * 5) for _ in range(3)]
    bad = [await started(evaluating, ["${ 1 }", runaway]) for runaway in RUNAWAYS]
    assert await asyncio.gather(*(handle.result() for handle in good)) == [[2] * 5] * 3
    for handle in bad:
        with pytest.raises(WorkflowFailureError) as caught:
            await handle.result()
        assert isinstance(caught.value.cause, ApplicationError)
        assert "cannot be evaluated" in str(caught.value.cause)
        assert await failed_tasks(handle) == 0


async def test_the_stack_of_a_workflow_decides_nothing(evaluating: Client) -> None:
    handle = await evaluating.start_workflow(
        EvaluateDeeply.run,
        "def f: if . < 30 then . + 1 | f else . end; f",
        id=f"deeply-{uuid4()}",
        task_queue=QUEUE,
        execution_timeout=timedelta(seconds=60),
    )
    assert await handle.result() == [30, 30, 0]
    assert await failed_tasks(handle) == 0


async def test_runs_and_their_faults_replay(evaluating: Client) -> None:
    handles = [
        await started(evaluating, ["${ [range(1000)] | add }"]),
        await started(evaluating, [RUNAWAYS[0]]),
    ]
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=sandboxed_runner(SANDBOX_PASSTHROUGH),
        workflow_failure_exception_types=[TenutoError],
        data_converter=evaluating.data_converter,
    )
    for handle in handles:
        await asyncio.wait([asyncio.ensure_future(handle.result())])
        result = await replayer.replay_workflow(await handle.fetch_history())
        assert result.replay_failure is None


async def failed_tasks(handle: WorkflowHandle[Any, Any]) -> int:
    """How many workflow tasks of the run failed or timed out: none, when nothing hung."""
    names = [event.WhichOneof("attributes") or "" async for event in handle.fetch_history_events()]
    return sum(name.startswith(("workflow_task_failed", "workflow_task_timed")) for name in names)
