"""People decide in a run: at any nesting, in time, each once, and through a killed worker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle

from definition_desk import keys_beside, plan, replays, sign_off, start, start_worker
from integration.cli_project.project import Project
from run_endings import ended_cancelled, refusal_of
from sample.processes import WorkerProcess
from sample.servers import KillableServer
from tenuto.definitions.plan import Catch, ForkTask, ForTask, SetTask, TryTask, WaitTask
from tenuto.engine.converter import error_code
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.runs.diagnosis import diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.history import read_history
from tenuto.engine.runs.steps import StepKind, StepStatus
from tenuto.testing import eventually

Run = WorkflowHandle[Any, Any]


@pytest.fixture(scope="session")
def desk_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the interpreter's worker."""
    return tmp_path_factory.mktemp("approvals") / "worker.log"


@pytest.fixture(scope="session")
def desk_keys(desk_log: Path) -> Path:
    """The keys that worker trusts."""
    return keys_beside(desk_log)


@pytest_asyncio.fixture(scope="session")
async def desk(
    temporal_server: ServerInfo, client: Client, desk_log: Path
) -> AsyncIterator[WorkerProcess]:
    """The interpreter's worker, which no test kills."""
    worker = await start_worker(client, temporal_server.address, desk_log)
    yield worker
    await worker.kill()


async def output_of(run: Run) -> Any:
    return await asyncio.wait_for(run.result(), 20)


def decide(run: Run, by: str, decision: str = "approve", **more: Any) -> Any:
    argument = {"task": "signOff", "decision": decision, "by": by, **more}
    return run.execute_update("decide", argument, rpc_timeout=timedelta(seconds=20))


async def waiting(run: Run, count: int = 1) -> Any:
    """The approvals that wait, once they are so many."""

    async def check() -> Any:
        approvals = (await run.query("pending"))["approvals"]
        assert len(approvals) == count
        return approvals

    return await eventually(check)


async def test_refusals_leave_no_trace_and_two_people_decide(
    client: Client, desk: WorkerProcess
) -> None:
    run = await start(client, plan(sign_off(need=2)))
    await waiting(run)
    before = len((await run.fetch_history()).events)
    for by, code in (
        ("zoe", "approval.not-an-approver"),
        ("rex", "approval.own-request"),
    ):
        assert error_code(await refusal_of(decide(run, by))) == code
    assert len((await run.fetch_history()).events) == before
    assert (await decide(run, "ann"))["approvals_missing"] == 1
    assert error_code(await refusal_of(decide(run, "Ann"))) == "approval.second-vote"
    assert (await decide(run, "ben", comment="checked"))["is_decided"]
    result = await output_of(run)
    assert [vote["by"] for vote in result["votes"]] == ["u:ann", "u:ben"]
    assert (result["decision"], result["comment"]) == ("approve", "checked")


async def test_inside_a_fork_inside_a_try_it_expires_and_is_caught(
    client: Client, desk: WorkerProcess, tmp_path: Path
) -> None:
    inner = "/do/0/careful/try/0/both/fork/branches"
    both = ForkTask(
        name="both",
        at="/do/0/careful/try/0/both",
        branches=(
            sign_off("first", f"{inner}/0/first"),
            sign_off("second", f"{inner}/1/second", timeout="PT1S"),
        ),
    )
    caught = SetTask(name="late", at="/do/0/careful/catch/do/0/late", value="${ $error }")
    careful = TryTask(name="careful", at="/do/0/careful", tasks=(both,), catch=Catch(do=(caught,)))
    run = await start(client, plan(careful))
    await waiting(run, 2)
    answer = await decide(run, "ann", task="first")
    assert answer["is_decided"]
    problem = await output_of(run)
    assert problem["type"].endswith("/timeout")
    assert (problem["status"], problem["instance"]) == (408, f"{inner}/1/second")
    await replays(run, tmp_path)


async def test_of_twenty_who_decide_at_once_one_counts(client: Client, desk: WorkerProcess) -> None:
    approvers = [f"u:p{n}" for n in range(20)]
    after = sign_off("after", "/do/1/after")
    run = await start(client, plan(sign_off(approvers=approvers), after))
    await waiting(run)
    answers = await asyncio.gather(
        *(decide(run, f"p{n}") for n in range(20)), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, Exception)]
    assert len(refused) == 19
    assert {error_code(each.cause) for each in refused} == {"approval.closed"}  # type: ignore[attr-defined]
    assert [each["task"] for each in await waiting(run)] == ["after"]
    await run.terminate("the test has seen enough")


async def test_in_a_loop_a_decision_counts_for_what_was_looked_at(
    client: Client, desk: WorkerProcess
) -> None:
    at = "/do/0/each/do/0/signOff"
    asked = sign_off(at=at, title="${ $item }")
    run = await start(
        client, plan(ForTask(name="each", at="/do/0/each", in_=["A", "B"], do=(asked,)))
    )
    (first,) = await waiting(run)
    await decide(run, "ann", approval=first["id"])

    async def second_waits() -> Any:
        (second,) = await waiting(run)
        assert second["request"]["title"] == "B"
        return second

    await eventually(second_waits)
    refused = await refusal_of(decide(run, "ben", approval=first["id"]))
    assert error_code(refused) == "approval.closed"
    await decide(run, "ben")
    assert (await output_of(run))["votes"][0]["by"] == "u:ben"


async def test_it_survives_a_killed_worker_with_its_votes(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> None:
    worker = await start_worker(own_client, own_server.address, tmp_path / "first.log")
    run = await start(own_client, plan(sign_off(need=2)))
    (before,) = await waiting(run)
    await decide(run, "ann")
    await worker.kill()
    deciding = asyncio.create_task(decide(run, "ben"))
    another = await start_worker(own_client, own_server.address, tmp_path / "second.log")
    try:
        await deciding
        result = await output_of(run)
    finally:
        await another.kill()
    assert before["approvals_missing"] == 2
    assert [vote["by"] for vote in result["votes"]] == ["u:ann", "u:ben"]
    await replays(run, tmp_path)


async def test_a_worker_that_takes_over_knows_of_the_approval_before_it_judges(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> None:
    worker = await start_worker(own_client, own_server.address, tmp_path / "first.log")
    run = await start(own_client, plan(sign_off()))
    await waiting(run)
    await worker.kill()
    another = await start_worker(own_client, own_server.address, tmp_path / "second.log")
    try:
        answer = await decide(run, "ben")
    finally:
        await another.kill()
    assert answer["is_decided"]


async def test_the_limit_of_a_decided_approval_is_shown_as_stopped(
    client: Client, desk: WorkerProcess
) -> None:
    run = await start(client, plan(sign_off(timeout={"hours": 4})))
    await waiting(run)
    await decide(run, "ann")
    await output_of(run)
    history = await read_history(client, Execution(workflow_id=run.id))
    timers = [step.status for step in history.steps if step.kind is StepKind.TIMER]
    assert timers == [StepStatus.STOPPED]


async def test_the_limit_of_an_approval_in_a_cancelled_run_is_shown_as_canceled(
    client: Client, desk: WorkerProcess
) -> None:
    run = await start(client, plan(sign_off(timeout={"hours": 4})))
    await waiting(run)
    await run.cancel()
    await ended_cancelled(run)
    history = await read_history(client, Execution(workflow_id=run.id))
    timers = [step.status for step in history.steps if step.kind is StepKind.TIMER]
    assert timers == [StepStatus.CANCELED]


async def test_the_diagnosis_says_who_decides_and_how(client: Client, desk: WorkerProcess) -> None:
    both = ForkTask(
        name="both",
        at="/do/0/both",
        branches=(
            sign_off("first", "/do/0/both/fork/branches/0/first"),
            sign_off("second", "/do/0/both/fork/branches/1/second", timeout={"hours": 4}),
            WaitTask(name="pause", at="/do/0/both/fork/branches/2/pause", duration="PT0.2S"),
        ),
    )
    run = await start(client, plan(both))
    await waiting(run, 2)

    async def pause_is_over() -> None:
        assert {each["name"] for each in (await run.query("pending"))["tasks"]} == {
            "first",
            "second",
        }

    await eventually(pause_is_over)
    told = await diagnose(client, Execution(workflow_id=run.id, run_id=""))
    sentence = told.findings[0].sentence
    assert "`first` waits for u:ann or u:ben to decide" in sentence
    assert "--task second --decision approve --by" in sentence
    assert f"tenuto update {run.id}" in told.findings[0].remedy
    await decide(run, "ann", task="first")
    await decide(run, "ann", task="second")
    await output_of(run)


async def test_the_command_line_decides_by_fields(
    client: Client,
    temporal_server: ServerInfo,
    desk: WorkerProcess,
    desk_keys: Path,
    tmp_path: Path,
) -> None:
    form = {"type": "object", "properties": {"limit": {"type": "integer"}}, "required": ["limit"]}
    run = await start(client, plan(sign_off(approvers=["g:risk"], form=form)))
    await waiting(run)
    tenuto = Project(tmp_path, tmp_path / "bytecode")
    tenuto.environment["TEMPORAL_ADDRESS"] = temporal_server.address
    tenuto.environment["TENUTO_IDENTITY__KEYS"] = str(desk_keys)
    shown = " ".join(tenuto("show", run.id).stdout.split())
    assert "`signOff` waits for g:risk to decide (approve, reject)" in shown
    assert f"tenuto update {run.id} decide" in shown
    said = ("update", run.id, "decide", "--task", "signOff", "--decision", "approve")
    refused = tenuto(*said, "--by", "ann", code=2)
    assert "approval.not-an-approver" in refused.stderr
    filled = ("--form", "{limit: 5}")
    signed = ("--by", "4711", "--groups", "[risk]", "--comment", "42")
    answer = tenuto.json(*said, *filled, *signed)
    assert answer["answer"]["is_decided"]
    result = await output_of(run)
    assert (result["form"], result["comment"]) == ({"limit": 5}, "42")
    assert result["votes"][0]["by"] == "u:4711"
