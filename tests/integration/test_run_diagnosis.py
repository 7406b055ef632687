"""Why a run stands where it stands: told apart from outside, with what to do about it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio.client import Client

from sample import catalog
from sample.catalog import ABANDONED_QUEUE
from sample.models import (
    ApprovalRequest,
    ChildRequest,
    FiveStepsRequest,
    FlakyRequest,
    RaiseRequest,
    SlowRequest,
)
from tenuto.engine.runs.diagnosis import diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import Finding, FindingKind
from tenuto.engine.runs.status import RunStatus
from tenuto.testing import eventually
from tenuto.triggers.start import start

pytestmark = pytest.mark.usefixtures("worker")


async def settled(
    client: Client, workflow_id: str, kinds: Sequence[FindingKind]
) -> tuple[Finding, ...]:
    """The findings, once they are of these kinds."""

    async def are_as_expected() -> tuple[Finding, ...]:
        findings = (await diagnose(client, Execution(workflow_id=workflow_id))).findings
        assert [finding.kind for finding in findings] == list(kinds), findings
        return findings

    return await eventually(are_as_expected)


async def test_all_10_nobody_polls_the_queue_of_a_step(client: Client, tmp_path: Path) -> None:
    handle = await start(client, catalog.slow, SlowRequest(folder=str(tmp_path), kind="nobody"))
    (finding,) = await settled(client, handle.id, [FindingKind.NO_POLLER])
    assert finding.queue == ABANDONED_QUEUE
    assert finding.step == "sample.wait_for_nobody"
    assert finding.since is not None
    assert finding.remedy == f"`tenuto worker --queue {ABANDONED_QUEUE}`"
    assert f"waits in task queue `{ABANDONED_QUEUE}` since " in finding.sentence
    here = Execution(workflow_id=handle.id)
    (elsewhere,) = (await diagnose(client, here, lambda queue: False)).findings
    assert elsewhere.sentence == finding.sentence
    assert elsewhere.remedy.startswith(
        f"Start the worker of task queue `{ABANDONED_QUEUE}` where its code is"
    )
    await handle.terminate()


async def test_all_10_nobody_polls_the_queue_of_the_run(client: Client, tmp_path: Path) -> None:
    handle = await client.start_workflow(
        "FiveSteps",
        FiveStepsRequest(folder=str(tmp_path)),
        id="nobody-takes-it",
        task_queue=ABANDONED_QUEUE,
    )
    (finding,) = await settled(client, handle.id, [FindingKind.NO_POLLER])
    assert finding.queue == ABANDONED_QUEUE
    assert finding.step is None
    await handle.terminate()


async def test_all_10_an_attempt_failed_and_the_next_is_due(client: Client, tmp_path: Path) -> None:
    handle = await start(client, catalog.flaky, FlakyRequest(folder=str(tmp_path), failures=3))
    (finding,) = await settled(client, handle.id, [FindingKind.RETRYING])
    assert finding.code == "sample.unlucky"
    assert finding.step == "sample.fail_at_first"
    assert finding.next_at is not None
    assert "of 5 failed with TransientError (sample.unlucky): attempt " in finding.sentence
    assert f" starts at {finding.next_at:%Y-%m-%d %H:%M:%S} UTC" in finding.sentence
    await handle.terminate()


async def test_all_10_a_run_waits_for_a_person(client: Client) -> None:
    handle = await start(client, catalog.approval, ApprovalRequest(subject="fund F1"))
    message, timer = await settled(
        client, handle.id, [FindingKind.WAITING_FOR_MESSAGE, FindingKind.WAITING_FOR_TIMER]
    )
    assert message.sentence == (
        "Waiting for a decision on fund F1. It takes update `decide`, signal `note`."
    )
    assert message.remedy == f"`tenuto update {handle.id} decide`"
    assert "deadline of the decision" in timer.sentence
    assert timer.next_at is not None
    assert timer.since is not None
    assert (timer.next_at - timer.since).days == 1
    await handle.terminate()


async def test_all_10_a_parent_waits_for_what_its_child_waits_for(client: Client) -> None:
    handle = await start(client, catalog.parent, ChildRequest(subject="fund F1"))
    findings = await settled(
        client,
        handle.id,
        [
            FindingKind.WAITING_FOR_CHILD,
            FindingKind.WAITING_FOR_MESSAGE,
            FindingKind.WAITING_FOR_TIMER,
        ],
    )
    child = f"{handle.id}/approval"
    assert [finding.workflow_id for finding in findings] == [handle.id, child, child]
    await handle.terminate()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("value", "ValueError: nobody declared this"),
        ("clock", "Cannot access time.time.__call__ from inside a workflow"),
        ("file", "Cannot access pathlib.Path.read_text"),
    ],
)
async def test_workflow_code_that_cannot_go_on_is_told_from_a_wait(
    client: Client, kind: str, told: str
) -> None:
    handle = await start(client, catalog.raising, RaiseRequest(kind=kind))
    (finding,) = await settled(client, handle.id, [FindingKind.CODE_ERROR])
    assert told in finding.sentence
    assert "TenutoError" in finding.remedy
    assert (await diagnose(client, Execution(workflow_id=handle.id))).status is RunStatus.RUNNING
    await handle.terminate()


async def test_a_finished_run_is_said_to_be_finished(client: Client, tmp_path: Path) -> None:
    handle = await start(client, catalog.five_steps, FiveStepsRequest(folder=str(tmp_path)))
    await handle.result()
    (finding,) = await settled(client, handle.id, [FindingKind.FINISHED])
    assert finding.remedy == ""
