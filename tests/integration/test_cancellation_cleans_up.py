"""A cancelled run undoes what it did, to the end, and ends CANCELED."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle

from sample import catalog
from sample.marks import marked, marks
from sample.models import CleanRequest, SumRequest, SumResult
from sample.processes import StartWorker, WorkerProcess
from tenuto.testing import eventually
from tenuto.triggers.start import start
from tenuto.workflows.cleanup import MEMO


@pytest.mark.parametrize("where", ["activity", "timer", "decision", "child"])
async def test_ops_14_a_cancelled_run_undoes_what_it_did(
    where: str, client: Client, worker: WorkerProcess, tmp_path: Path
) -> None:
    handle = await _started(client, tmp_path, where=where)
    await handle.cancel()
    await _ends_canceled(handle)
    undone = await _undone(handle)
    assert undone == [
        {"what": "second", "outcome": "undone"},
        {"what": "first", "outcome": "undone"},
    ]
    assert len(marks(tmp_path, "undo-first")) == len(marks(tmp_path, "undo-second")) == 1
    assert marks(tmp_path, "undo-second")[0].at <= marks(tmp_path, "undo-first")[0].at


async def test_ops_14_cancelling_a_parent_cleans_up_its_child_first(
    client: Client, worker: WorkerProcess, tmp_path: Path
) -> None:
    handle = await _started(client, tmp_path, where="child")
    await handle.cancel()
    await _ends_canceled(handle)
    child = client.get_workflow_handle(f"{handle.id}/child")
    assert (await child.describe()).status is WorkflowExecutionStatus.CANCELED
    done_by_child = marks(tmp_path / "child", "undo-first")[0].at
    assert done_by_child <= marks(tmp_path, "undo-second")[0].at


async def test_ops_14_a_clean_up_step_is_retried_and_a_second_cancel_does_no_harm(
    client: Client, worker: WorkerProcess, tmp_path: Path
) -> None:
    handle = await _started(client, tmp_path, where="timer", undo_failures=2)
    await handle.cancel()
    await eventually(marked(tmp_path, "undo-second"))
    await handle.cancel()
    await _ends_canceled(handle)
    assert len(marks(tmp_path, "undo-second")) == 3
    assert len(marks(tmp_path, "undo-first")) == 1


async def test_ops_14_a_clean_up_step_that_fails_for_good_is_reported_and_others_run(
    client: Client, worker: WorkerProcess, tmp_path: Path
) -> None:
    handle = await _started(client, tmp_path, where="timer", undo_failures=99)
    await handle.cancel()
    await _ends_canceled(handle)
    second, first = await _undone(handle)
    assert second["outcome"].startswith("not undone: ")
    assert "attempt 4 was not lucky" in second["outcome"]
    assert first["outcome"] == "undone"


@pytest.mark.chaos
async def test_ops_14_clean_up_survives_kill_9_of_the_worker(
    own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    folder = tmp_path / "marks"
    folder.mkdir()
    first = await start_worker()
    handle = await _started(own_client, folder, where="timer", undo_failures=1)
    await handle.cancel()
    await eventually(marked(folder, "undo-second"))
    await first.kill()
    await start_worker()
    await _ends_canceled(handle)
    assert len(marks(folder, "undo-first")) == 1
    assert [each["outcome"] for each in await _undone(handle)] == ["undone", "undone"]


async def test_a_run_that_finishes_undoes_nothing(
    client: Client, worker: WorkerProcess, tmp_path: Path
) -> None:
    request = CleanRequest(folder=str(tmp_path), where="nowhere")
    handle = await start(client, catalog.tidy, request)
    await handle.result()
    assert not marks(tmp_path, "undo-first")
    assert MEMO not in await (await handle.describe()).memo()


async def test_ops_17_a_local_activity_leaves_no_task_in_the_history(
    client: Client, worker: WorkerProcess
) -> None:
    handle = await start(client, catalog.adding, SumRequest(numbers=(1, 2, 3)))
    assert await handle.result() == SumResult(total=6)
    kinds = [event.WhichOneof("attributes") async for event in handle.fetch_history_events()]
    assert "activity_task_scheduled_event_attributes" not in kinds
    assert "marker_recorded_event_attributes" in kinds


async def test_ops_17_a_slow_local_activity_is_flagged(
    own_client: Client, start_worker: StartWorker, tmp_path: Path
) -> None:
    await start_worker()
    handle = await start(own_client, catalog.adding, SumRequest(numbers=(1,), pause_s=2.2))
    await handle.result()
    log = (tmp_path / "worker-0.log").read_text()
    assert "local_activity_slow: `sample.add_up`" in log


async def _started(
    client: Client, folder: Path, *, where: str, undo_failures: int = 0
) -> WorkflowHandle[object, object]:
    """A run that has done two things and is now at `where`."""
    (folder / "child").mkdir(exist_ok=True)
    request = CleanRequest(folder=str(folder), where=where, undo_failures=undo_failures)
    handle = await start(client, catalog.tidy, request)
    at = {"activity": (folder, "held"), "child": (folder / "child", "second")}
    await eventually(marked(*at.get(where, (folder, "second"))))
    if where in ("timer", "decision", "child"):
        await eventually(lambda: _has_finished_steps(client, handle, where))
    return handle


async def _has_finished_steps(
    client: Client, handle: WorkflowHandle[object, object], where: str
) -> None:
    asked = client.get_workflow_handle(f"{handle.id}/child") if where == "child" else handle
    kinds = [event.WhichOneof("attributes") async for event in asked.fetch_history_events()]
    assert kinds.count("activity_task_completed_event_attributes") == 2, kinds
    if where in ("timer", "child"):
        assert "timer_started_event_attributes" in kinds


async def _ends_canceled(handle: WorkflowHandle[object, object]) -> None:
    with pytest.raises(WorkflowFailureError):
        await asyncio.wait_for(handle.result(), 60)
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED


async def _undone(handle: WorkflowHandle[object, object]) -> list[dict[str, str]]:
    memo: dict[str, list[dict[str, str]]] = dict(await (await handle.describe()).memo())
    return memo[MEMO]
