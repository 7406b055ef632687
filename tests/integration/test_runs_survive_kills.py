"""Runs outlive their worker and their server: killed, restarted, drained."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from sample import catalog
from sample.catalog import do_step
from sample.marks import marked, marks, release
from sample.models import (
    CountRequest,
    CountResult,
    FiveStepsRequest,
    FiveStepsResult,
    FlakyRequest,
    SlowRequest,
)
from sample.processes import StartWorker
from sample.servers import KillableServer
from tenuto.engine.runs.diagnosis import diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import FindingKind
from tenuto.engine.runs.history import read_history
from tenuto.engine.runs.listing import count_runs
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.steps import Step, StepStatus
from tenuto.testing import eventually
from tenuto.triggers.start import start

STEPS = ("one", "two", "three", "four", "five")


async def test_all_1_a_run_survives_kill_9_of_worker_and_server(
    own_server: KillableServer, own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    most = do_step.retry.maximum_attempts
    first = await start_worker()
    undisturbed = await start(
        own_client, catalog.five_steps, FiveStepsRequest(folder=str(_folder(tmp_path, "calm")))
    )
    expected = await undisturbed.result()
    assert expected == FiveStepsResult(steps=STEPS)

    folder = _folder(tmp_path, "marks")
    request = FiveStepsRequest(folder=str(folder), held=("three", "four"))
    handle = await start(own_client, catalog.five_steps, request)

    await eventually(marked(folder, "three"))
    await first.kill()
    await start_worker()
    release(folder, "three")

    await eventually(marked(folder, "four"))
    await own_server.kill()
    await own_server.start()
    release(folder, "four")

    assert await _result_after_restart(own_client, handle.id) == expected
    counts = {step: len(marks(folder, step)) for step in STEPS}
    assert (counts["one"], counts["two"], counts["five"]) == (1, 1, 1)
    assert 2 <= counts["three"] <= 1 + most
    assert 1 <= counts["four"] <= 1 + most
    history = await read_history(own_client, Execution(workflow_id=handle.id))
    assert [step.status for step in history.steps] == [StepStatus.COMPLETED] * len(STEPS)


async def test_ops_16_a_killed_step_goes_on_from_its_last_heartbeat(
    own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    first = await start_worker()
    request = CountRequest(folder=str(tmp_path), rows=100, held_at=60)
    handle = await start(own_client, catalog.count, request)
    run = Execution(workflow_id=handle.id)

    async def is_at_60_percent() -> None:
        steps = (await read_history(own_client, run)).steps
        assert [step.progress and step.progress.percent for step in steps] == [60.0]

    await eventually(is_at_60_percent)
    (finding,) = (await diagnose(own_client, run)).findings
    assert finding.kind is FindingKind.RUNNING
    assert "60 %" in finding.sentence

    await first.kill()
    release(tmp_path, "count")
    await start_worker()
    assert await handle.result() == CountResult(rows=100, started_at_row=60)
    assert [mark.attempt for mark in marks(tmp_path, "count")] == [1, 2]


async def test_all_3_a_killed_worker_is_a_heartbeat_timeout_and_no_poller(
    own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    worker = await start_worker()
    request = SlowRequest(folder=str(tmp_path), kind="heartbeat")
    handle = await start(own_client, catalog.slow, request)
    run = Execution(workflow_id=handle.id)
    await eventually(marked(tmp_path, "heartbeat"))
    await worker.kill()

    async def is_timed_out() -> Step:
        (step,) = (await read_history(own_client, run)).steps
        assert step.status is StepStatus.TIMED_OUT
        return step

    step = await eventually(is_timed_out)
    assert step.failure is not None
    assert step.failure.timeout == "heartbeat"

    # The server still lists the killed worker as a poller, for minutes.
    async def is_found_out() -> None:
        findings = (await diagnose(own_client, run)).findings
        found = [(finding.kind, finding.queue) for finding in findings]
        assert found == [(FindingKind.NO_POLLER, "sample")]

    await eventually(is_found_out)
    await start_worker()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    (finding,) = (await diagnose(own_client, run)).findings
    assert (finding.kind, finding.timeout) == (FindingKind.TIMED_OUT, "heartbeat")
    assert "timed out (heartbeat after 1 s)" in finding.sentence


@pytest.mark.chaos
async def test_all_10_a_worker_killed_between_attempts_is_missed_when_the_next_is_due(
    own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    worker = await start_worker()
    request = FlakyRequest(folder=str(tmp_path), failures=2)
    handle = await start(own_client, catalog.flaky, request)
    await eventually(marked(tmp_path, "flaky"))
    run = Execution(workflow_id=handle.id)

    async def waits_for_its_next_attempt() -> None:
        findings = (await diagnose(own_client, run)).findings
        assert [finding.kind for finding in findings] == [FindingKind.RETRYING]

    await eventually(waits_for_its_next_attempt)
    await worker.kill()

    async def is_found_out() -> None:
        findings = (await diagnose(own_client, run)).findings
        assert [finding.kind for finding in findings] == [FindingKind.NO_POLLER]

    await eventually(is_found_out)


async def test_all_7_three_workers_share_a_queue_and_one_drains(
    own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    workers = await asyncio.gather(*(start_worker("--threads", "4") for _ in range(3)))
    # Held steps fill every thread of every worker before any of them is released.
    request = FiveStepsRequest(folder=str(tmp_path), held=("one",))
    handles = [await start(own_client, catalog.five_steps, request) for _ in range(30)]
    begun = await eventually(marked(tmp_path, "one", times=12))
    assert {mark.pid for mark in begun} == {worker.pid for worker in workers}

    drained, *_ = workers
    drained.ask_to_stop()
    release(tmp_path, "one")
    assert await drained.exit_code() == 0

    results = await asyncio.gather(*(handle.result() for handle in handles))
    assert results == [FiveStepsResult(steps=STEPS)] * 30
    # Each step was executed once for each run. Its attempt may be the second: the server may have
    # handed the first to the worker that had just stopped taking tasks.
    for step in STEPS:
        assert len({mark.run for mark in marks(tmp_path, step)}) == 30, step
        assert len(marks(tmp_path, step)) == 30, step

    async def all_are_listed() -> None:
        counts = await count_runs(own_client)
        assert (counts[RunStatus.COMPLETED], sum(counts.values())) == (30, 30)

    await eventually(all_are_listed)


async def _result_after_restart(client: Client, workflow_id: str) -> FiveStepsResult:
    """The result, asked for until the restarted server answers."""
    handle = client.get_workflow_handle(workflow_id, result_type=FiveStepsResult)

    async def answered() -> FiveStepsResult:
        try:
            result: FiveStepsResult = await handle.result()
        except RPCError as error:
            raise AssertionError(error.message) from error
        return result

    return await eventually(answered, timeout_s=60)


def _folder(root: Path, name: str) -> Path:
    folder = root / name
    folder.mkdir()
    return folder
