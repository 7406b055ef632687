"""Attempts, their gaps, and their timeouts, as the run's own history tells them."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowFailureError

from sample import catalog
from sample.marks import marks
from sample.models import FlakyRequest, SlowRequest
from tenuto.engine.runs.describe import describe_run
from tenuto.engine.runs.diagnosis import diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import FindingKind
from tenuto.engine.runs.history import read_history
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.steps import Step, StepStatus
from tenuto.triggers.start import start

pytestmark = pytest.mark.usefixtures("worker")


async def only_step(client: Client, run: Execution) -> Step:
    """The one step of a run."""
    (step,) = (await read_history(client, run)).steps
    return step


async def test_all_2_two_failures_then_success_are_three_attempts(
    client: Client, tmp_path: Path
) -> None:
    request = FlakyRequest(folder=str(tmp_path), failures=2)
    handle = await start(client, catalog.flaky, request)
    result = await handle.result()
    assert result.step == "flaky"

    first, second, third = (mark.at for mark in marks(tmp_path, "flaky"))
    assert second - first >= timedelta(seconds=1)
    assert third - second >= timedelta(seconds=2)

    step = await only_step(client, Execution(workflow_id=handle.id))
    assert (step.status, step.attempt, step.max_attempts) == (StepStatus.COMPLETED, 3, 5)
    before, last = step.attempts
    assert (before.number, last.number) == (2, 3)
    assert before.failure is not None
    assert before.failure.line == "TransientError (sample.unlucky): attempt 2 was not lucky"
    assert last.failure is None
    assert last.started_at is not None
    assert last.started_at >= step.scheduled_at + timedelta(seconds=3)
    assert step.failure is None


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("data", "DataError (sample.wrong): attempt 1 was not lucky"),
        ("listed", "ListedError: attempt 1 was not lucky"),
    ],
)
async def test_all_2_an_error_not_worth_a_retry_fails_the_run_at_once(
    client: Client, tmp_path: Path, error: str, line: str
) -> None:
    request = FlakyRequest(folder=str(tmp_path), failures=9, error=error)
    handle = await start(client, catalog.flaky, request)
    with pytest.raises(WorkflowFailureError):
        await handle.result()

    assert len(marks(tmp_path, "flaky")) == 1
    run = await describe_run(client, Execution(workflow_id=handle.id))
    assert run.status is RunStatus.FAILED
    assert run.failure is not None
    assert run.failure.line == line
    assert "\n" not in run.failure.line
    assert run.failure.retry_state == "non-retryable-failure"


async def test_all_2_retries_end_when_no_further_attempt_fits(
    client: Client, tmp_path: Path
) -> None:
    request = SlowRequest(folder=str(tmp_path), kind="no-time-left")
    handle = await start(client, catalog.slow, request)
    with pytest.raises(WorkflowFailureError):
        await handle.result()

    tries = len(marks(tmp_path, "no-time-left"))
    assert tries > 1
    run = Execution(workflow_id=handle.id)
    step = await only_step(client, run)
    assert (step.status, step.attempt) == (StepStatus.FAILED, tries)
    assert step.retry_state == "timeout"
    (finding,) = (await diagnose(client, run)).findings
    assert finding.code == "sample.unlucky"
    assert "no further attempt fits into its time (schedule-to-close 2 s)" in finding.sentence


# The fourth kind, heartbeat, takes a killed worker: test_runs_survive_kills.py.
TIMEOUTS = {
    "start-to-close": "after 1 s",
    "schedule-to-start": "after 1 s",
    "schedule-to-close": "after 2 s",
}


async def test_all_3_a_timeout_is_named_by_its_kind(client: Client, tmp_path: Path) -> None:
    handles = {
        kind: await start(client, catalog.slow, SlowRequest(folder=str(tmp_path), kind=kind))
        for kind in TIMEOUTS
    }
    waits = [handle.result() for handle in handles.values()]
    ended = await asyncio.gather(*waits, return_exceptions=True)
    assert all(isinstance(end, WorkflowFailureError) for end in ended), ended
    (tmp_path / "release-stalled").touch()

    for kind, limit in TIMEOUTS.items():
        run = Execution(workflow_id=handles[kind].id)
        step = await only_step(client, run)
        assert step.failure is not None, kind
        assert step.failure.reason.timeout == kind
        (finding,) = (await diagnose(client, run)).findings
        assert finding.kind is FindingKind.TIMED_OUT
        assert finding.timeout == kind
        assert f"timed out ({kind} {limit})" in finding.sentence
        assert step.name in finding.sentence
