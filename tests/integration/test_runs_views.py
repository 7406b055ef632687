"""Runs listed, told step by step, found by a part of their id, and acted upon."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RawValue

from sample import catalog
from sample.marks import marks
from sample.models import (
    ApprovalRequest,
    Decision,
    FiveStepsRequest,
    ManyRequest,
)
from tenuto.core.errors import NotFoundError, TransientError, UsageError
from tenuto.engine.runs.actions import (
    cancel_run,
    query_run,
    signal_run,
    terminate_run,
    update_run,
)
from tenuto.engine.runs.describe import RunDescription, describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.history import read_history
from tenuto.engine.runs.listing import RunSummary, count_runs, list_runs
from tenuto.engine.runs.query import RunFilter
from tenuto.engine.runs.raw import events
from tenuto.engine.runs.resolve import resolve_run
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.steps import StepKind, StepStatus
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start

pytestmark = pytest.mark.usefixtures("worker")


def run_of(handle: Handle) -> Execution:
    """The run of a handle."""
    return Execution(workflow_id=handle.id)


async def test_all_8_runs_are_listed_page_by_page_and_counted_by_status(client: Client) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    handles = [await start(client, catalog.many, ManyRequest(timers=1)) for _ in range(5)]
    for handle in handles:
        await handle.result()
    wanted = RunFilter(entry="many", status=RunStatus.COMPLETED, started_after=before)

    async def all_are_counted() -> None:
        assert (await count_runs(client, wanted))[RunStatus.COMPLETED] == 5

    await eventually(all_are_counted)
    listed: list[RunSummary] = []
    page: str | None = None
    while True:
        found = await list_runs(client, wanted, page=page, page_size=2)
        assert len(found.runs) <= 2
        listed += found.runs
        page = found.next_page
        if page is None:
            break
    assert sorted(run.workflow_id for run in listed) == sorted(handle.id for handle in handles)
    for run in listed:
        assert (run.type_name, run.entry, run.queue) == ("Many", "many", catalog.QUEUE)
        assert run.closed_at is not None
        assert run.elapsed == run.closed_at - run.started_at
    json.dumps([run.model_dump(mode="json") for run in listed])


async def test_a_page_mark_that_is_none_is_refused(client: Client) -> None:
    with pytest.raises(UsageError) as refused:
        await list_runs(client, page="not a page")
    assert refused.value.code == "runs.page-mark"


async def test_all_8_steps_show_inputs_outputs_and_order(client: Client, tmp_path: Path) -> None:
    handle = await start(client, catalog.five_steps, FiveStepsRequest(folder=str(tmp_path)))
    await handle.result()
    history = await read_history(client, run_of(handle), with_payloads=True)

    assert [step.summary for step in history.steps] == [
        f"step {name}" for name in ("one", "two", "three", "four", "five")
    ]
    assert history.input is not None
    assert history.input.values == ({"folder": str(tmp_path), "held": []},)
    assert history.output is not None
    assert history.output.values == ({"steps": ["one", "two", "three", "four", "five"]},)
    for step in history.steps:
        assert (step.kind, step.name) == (StepKind.ACTIVITY, "sample.do_step")
        assert (step.status, step.attempt) == (StepStatus.COMPLETED, 1)
        assert (step.queue, step.max_attempts) == (catalog.QUEUE, 5)
        assert step.input is not None
        assert step.output is not None
        (given,), (made,) = step.input.values, step.output.values
        (mark,) = marks(tmp_path, made["step"])
        assert given["step"] == made["step"]
        assert step.worker is not None
        assert step.worker.startswith(f"{mark.pid}@")
        assert step.started_at is not None
        assert step.finished_at is not None
        assert step.scheduled_at <= step.started_at <= mark.at <= step.finished_at
        assert step.duration == step.finished_at - step.scheduled_at
    without = await read_history(client, run_of(handle))
    assert {step.input for step in without.steps} == {None}
    json.dumps(history.model_dump(mode="json"))


async def test_a_payload_that_cannot_be_decoded_says_so(client: Client) -> None:
    # What this client sends is beyond what its converter can read back.
    sealed = Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00\x01")
    waiting = await start(client, catalog.approval, ApprovalRequest(subject="F1"))
    await waiting.signal("note", RawValue(sealed))

    async def is_told() -> None:
        steps = (await read_history(client, run_of(waiting), with_payloads=True)).steps
        shown = [step.input for step in steps if step.kind is StepKind.SIGNAL]
        assert [each is not None and each.values for each in shown] == [()]
        assert shown[0] is not None
        assert (shown[0].problem or "").startswith("cannot be decoded: KeyError")

    await eventually(is_told)
    await waiting.terminate()


async def test_ova_18_a_long_history_is_told_whole(client: Client) -> None:
    handle = await start(client, catalog.many, ManyRequest(timers=400))
    await handle.result()
    at_once = [event.event_id async for event in events(client, run_of(handle))]
    by_page = [event.event_id async for event in events(client, run_of(handle), page_size=1)]
    assert by_page == at_once == list(range(1, len(at_once) + 1))
    history = await read_history(client, run_of(handle))
    assert history.events > 800
    timers = {step.name: step for step in history.steps if step.kind is StepKind.TIMER}
    assert set(timers) == {f"wait {n}" for n in range(400)}
    assert {step.status for step in timers.values()} == {StepStatus.COMPLETED}


async def test_a_header_tells_what_a_run_is_and_what_it_takes(client: Client) -> None:
    handle = await start(client, catalog.approval, ApprovalRequest(subject="fund F1"))

    async def is_told() -> RunDescription:
        run = await describe_run(client, run_of(handle))
        assert run.details == "Waiting for a decision on fund F1."
        return run

    run = await eventually(is_told)
    assert (run.status, run.type_name, run.entry) == (RunStatus.RUNNING, "Approval", "approval")
    assert run.summary == "Wait for a person."
    assert run.handlers is not None
    assert [(each.name, each.description) for each in run.handlers.updates] == [
        ("decide", "Say yes or no.")
    ]
    assert [each.name for each in run.handlers.signals] == ["note"]
    assert [each.name for each in run.handlers.queries] == ["notes"]
    assert run.warnings == ()
    assert run.history_events > 0
    json.dumps(run.model_dump(mode="json"))
    await handle.terminate()


async def test_ova_7_messages_by_name(client: Client) -> None:
    handle = await start(client, catalog.approval, ApprovalRequest(subject="fund F1"))
    run = run_of(handle)
    await signal_run(client, run, "note", ["look at the cash"])
    assert await query_run(client, run, "notes") == ["look at the cash"]

    with pytest.raises(NotFoundError, match="Valid names are `note`") as unknown:
        await signal_run(client, run, "nota", ["x"])
    assert unknown.value.code == "runs.unknown-signal"
    with pytest.raises(NotFoundError, match="Valid names are `notes`") as unknown:
        await query_run(client, run, "state")
    assert unknown.value.code == "runs.unknown-query"
    with pytest.raises(NotFoundError, match="Valid names are `decide`") as unknown:
        await update_run(client, run, "approve")
    assert unknown.value.code == "runs.unknown-update"

    with pytest.raises(UsageError, match="Say who decides") as refused:
        await update_run(client, run, "decide", [{"is_approved": True, "by": ""}])
    assert refused.value.code == "sample.nobody"
    with pytest.raises(UsageError, match="is_approved") as refused:
        await update_run(client, run, "decide", [{"is_approved": "perhaps", "by": "ada"}])
    assert refused.value.code == "input.invalid"

    decision = {"is_approved": True, "by": "ada"}
    assert await update_run(client, run, "decide", [decision]) == "thank you"
    assert await handle.result() == Decision(is_approved=True, by="ada")
    assert await query_run(client, run, "notes") == ["look at the cash"]

    told = {step.name: step for step in (await read_history(client, run, with_payloads=True)).steps}
    assert told["note"].kind is StepKind.SIGNAL
    assert (told["decide"].kind, told["decide"].status) == (StepKind.UPDATE, StepStatus.COMPLETED)
    assert told["decide"].input is not None
    assert told["decide"].input.values == (decision,)
    with pytest.raises(UsageError) as closed:
        await signal_run(client, run, "note", ["too late"])
    assert closed.value.code == "runs.closed"


async def test_a_message_to_a_run_without_worker_is_refused_or_waits(
    client: Client, tmp_path: Path
) -> None:
    handle = await client.start_workflow(
        "Approval",
        ApprovalRequest(subject="F1"),
        id=f"without-worker-{tmp_path.name}",
        task_queue=catalog.ABANDONED_QUEUE,
    )
    with pytest.raises(TransientError) as refused:
        await signal_run(client, run_of(handle), "note", ["x"])
    assert refused.value.code == "runs.no-worker"
    await signal_run(client, run_of(handle), "note", ["x"], is_checked=False)
    steps = (await read_history(client, run_of(handle))).steps
    assert [step.kind for step in steps] == [StepKind.SIGNAL]
    await handle.terminate()


async def test_ops_14_cancel_and_terminate_end_as_what_they_are(client: Client) -> None:
    canceled = await start(client, catalog.approval, ApprovalRequest(subject="F1"))
    await cancel_run(client, run_of(canceled))
    with pytest.raises(WorkflowFailureError):
        await canceled.result()
    assert (await describe_run(client, run_of(canceled))).status is RunStatus.CANCELED
    await cancel_run(client, run_of(canceled))
    assert (await describe_run(client, run_of(canceled))).status is RunStatus.CANCELED

    ended = await start(client, catalog.approval, ApprovalRequest(subject="F2"))
    with pytest.raises(UsageError) as refused:
        await terminate_run(client, run_of(ended), " ")
    assert refused.value.code == "runs.no-reason"
    await terminate_run(client, run_of(ended), "entered twice")
    run = await describe_run(client, run_of(ended))
    assert run.status is RunStatus.TERMINATED
    assert run.failure is not None
    assert run.failure.line.endswith("entered twice")
    with pytest.raises(UsageError) as closed:
        await terminate_run(client, run_of(ended), "once more")
    assert closed.value.code == "runs.closed"


async def test_a_run_is_found_by_id_run_id_or_a_part_of_it(client: Client) -> None:
    one = await start(client, catalog.many, ManyRequest(timers=1), workflow_id="find/F1/2026/v1")
    other = await start(client, catalog.many, ManyRequest(timers=1), workflow_id="find/F1/2026/v2")
    await one.result()
    await other.result()
    assert (await resolve_run(client, "find/F1/2026/v1")).run_id == one.result_run_id

    async def is_listed() -> None:
        assert len((await list_runs(client, RunFilter(workflow_id_prefix="find/"))).runs) == 2

    await eventually(is_listed)
    assert one.result_run_id is not None
    assert (await resolve_run(client, one.result_run_id)).workflow_id == one.id
    assert (await resolve_run(client, "2026/v2")).workflow_id == other.id
    with pytest.raises(UsageError) as ambiguous:
        await resolve_run(client, "find/F1")
    assert ambiguous.value.code == "runs.ambiguous"
    assert sorted(ambiguous.value.details["matches"]) == [one.id, other.id]
    for text in ("nothing-like-it", "x' OR WorkflowId = 'y", " "):
        with pytest.raises(NotFoundError) as missing:
            await resolve_run(client, text)
        assert missing.value.code == "runs.not-found"
