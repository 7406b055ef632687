"""A definition asks people: each approval is a task, at any nesting, and only a task decides."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle

from definition_desk import (
    approve,
    asked,
    keys_beside,
    plan,
    replays,
    sign_off,
    start,
    start_worker,
)
from integration.cli_project.project import Project
from run_endings import ended_cancelled, refusal_of
from sample.processes import WorkerProcess
from sample.servers import KillableServer
from signed_words import decide
from task_desk import APPROVE, outcome, refused, say, stands, view
from tenuto.catalog.library.tasks.messages import Administer, Claim, Delegate
from tenuto.definitions.plan import Catch, ForkTask, ForTask, SetTask, TryTask
from tenuto.engine.converter import error_code
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.runs.diagnosis import diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.history import read_history
from tenuto.engine.runs.steps import StepKind, StepStatus

Run = WorkflowHandle[Any, Any]


@pytest.fixture(scope="module")
def desk_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the interpreter's worker."""
    return tmp_path_factory.mktemp("approvals") / "worker.log"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def desk(
    temporal_server: ServerInfo, client: Client, desk_log: Path
) -> AsyncIterator[WorkerProcess]:
    """The worker of definitions and tasks, which no test kills."""
    worker = await start_worker(client, temporal_server.address, desk_log)
    yield worker
    await worker.kill()


async def output_of(run: Run) -> Any:
    return await asyncio.wait_for(run.result(), 20)


async def test_two_people_decide_and_the_result_has_the_published_shape(client: Client) -> None:
    run = await start(client, plan(sign_off(need=2, description="EUR 100", subject="order-17")))
    task = await asked(run)
    assert task == f"task/{run.id}/signOff"
    shown = await stands(client, task, state="open", approvals_missing=2)
    assert (shown.root, shown.request.kind) == (run.id, "human.approval")
    assert shown.request.description == "EUR 100"
    assert shown.candidates == ("u:ann", "u:ben")
    assert await refused(decide(client, task, as_="u:zoe")) == "task.not-a-candidate"
    assert await refused(say(client, task, APPROVE)) == "task.seen-missing"
    assert (await decide(client, task, as_="u:ann")).approvals_missing == 1
    assert await refused(decide(client, task, as_="u:ann")) == "task.second-vote"
    await decide(client, task, as_="u:ben", comment="checked")
    result = await output_of(run)
    assert set(result) == {"decision", "votes", "comment", "form"}
    assert [vote["by"] for vote in result["votes"]] == ["u:ann", "u:ben"]
    assert (result["decision"], result["comment"]) == ("approve", "checked")


async def test_a_rejection_is_a_result_and_one_is_a_veto(client: Client) -> None:
    run = await start(client, plan(sign_off(need=2)))
    task = await asked(run)
    await stands(client, task, state="open")
    assert await refused(decide(client, task, "reject", as_="u:ben")) == "task.no-reason"
    await decide(client, task, "reject", as_="u:ben", comment="stale price")
    result = await output_of(run)
    assert (result["decision"], result["comment"]) == ("reject", "stale price")


@pytest.mark.attack
async def test_inv_12_four_eyes_hold_and_nobody_decides_without_a_ticket(client: Client) -> None:
    run = await start(client, plan(sign_off(approvers=["u:ann", "u:rex", "g:risk"])))
    task = await asked(run)
    seen = (await stands(client, task, state="open")).request.seen
    before = len((await client.get_workflow_handle(task).fetch_history()).events)
    assert await refused(decide(client, task, as_="u:rex")) == "task.own-request"
    own = decide(client, task, as_="u:rex", groups=["g:risk"])
    assert await refused(own) == "task.own-request"
    bare = client.get_workflow_handle(task).execute_update(
        "decide", {"decision": "approve", "seen": seen}
    )
    assert error_code(await refusal_of(bare)) == "ticket.missing"
    old_road = {"task": "signOff", "decision": "approve", "by": "ann"}
    refusal = await refusal_of(run.execute_update("decide", old_road))
    assert error_code(refusal) == "approval.is-a-task"
    assert f"tenuto tasks approve {task}" in refusal.message
    assert len((await client.get_workflow_handle(task).fetch_history()).events) == before
    await decide(client, task, as_="u:kim", groups=["g:risk"])
    assert (await output_of(run))["votes"][0]["by"] == "u:kim"


async def test_it_is_claimed_and_delegated_and_whoever_delegates_is_out(client: Client) -> None:
    run = await start(client, plan(sign_off()))
    task = await asked(run)
    await stands(client, task, state="open")
    await say(client, task, Claim())
    assert await refused(decide(client, task, as_="u:ben")) == "task.claimed"
    await say(client, task, Delegate(to="u:zoe"))
    assert await refused(decide(client, task, as_="u:ann")) == "task.excluded"
    await decide(client, task, as_="u:zoe")
    assert (await output_of(run))["votes"][0]["by"] == "u:zoe"


async def test_inside_a_fork_inside_a_try_it_expires_and_is_caught(
    client: Client, tmp_path: Path
) -> None:
    inner = "/do/0/careful/try/0/both/fork/branches"
    both = ForkTask(
        name="both",
        at="/do/0/careful/try/0/both",
        branches=(
            sign_off("first", f"{inner}/0/first"),
            sign_off("second", f"{inner}/1/second", timeout="PT0.7S"),
        ),
    )
    caught = SetTask(name="late", at="/do/0/careful/catch/do/0/late", value="${ $error }")
    careful = TryTask(name="careful", at="/do/0/careful", tasks=(both,), catch=Catch(do=(caught,)))
    run = await start(client, plan(careful))
    problem = await output_of(run)
    assert problem["type"].endswith("/timeout")
    assert (problem["status"], problem["instance"]) == (408, f"{inner}/1/second")
    assert (await view(client, f"task/{run.id}/second")).state == "expired"
    assert (await view(client, f"task/{run.id}/first")).state == "cancelled", "with its branch"
    await replays(run, tmp_path)


async def test_a_cancelled_run_and_a_late_task_take_theirs_back(client: Client) -> None:
    run = await start(client, plan(sign_off()))
    task = await asked(run)
    await stands(client, task, state="open")
    await run.cancel()
    await ended_cancelled(run)
    assert (await view(client, task)).state == "cancelled"
    short = sign_off().model_copy(update={"timeout": "PT0.5S"})
    hurried = TryTask(name="hurry", at="/do/0/hurry", tasks=(short,), catch=Catch())
    run = await start(client, plan(hurried))
    await output_of(run)
    assert (await view(client, f"task/{run.id}/signOff")).state == "cancelled"


async def test_a_task_that_an_administrator_takes_away_is_an_error(client: Client) -> None:
    caught = SetTask(name="told", at="/do/0/ask/catch/do/0/told", value="${ $error }")
    asks = TryTask(
        name="ask",
        at="/do/0/ask",
        tasks=(sign_off(at="/do/0/ask/try/0/signOff"),),
        catch=Catch(do=(caught,)),
    )
    for what, status, told in (("cancel", 500, "not needed"), ("expire", 408, "u:zoe")):
        run = await start(client, plan(asks))
        task = await asked(run)
        await stands(client, task, state="open")
        away = Administer.model_validate({"what": what, "reason": "not needed"})
        await say(client, task, away, as_="u:zoe")
        problem = await output_of(run)
        assert problem["status"] == status
        assert told in problem["detail"]


async def test_of_twenty_who_decide_at_once_one_counts(client: Client) -> None:
    people = [f"u:p{n}" for n in range(20)]
    run = await start(client, plan(sign_off(approvers=people)))
    task = await asked(run)
    await stands(client, task, state="open")
    answers = await asyncio.gather(
        *(decide(client, task, as_=who) for who in people), return_exceptions=True
    )
    late = [each for each in answers if isinstance(each, Exception)]
    assert len(late) == 19
    assert {error_code(getattr(each, "cause", None) or each) for each in late} == {"task.closed"}
    assert (await output_of(run))["votes"][0]["by"] == (await outcome(client, task)).by


async def test_in_a_loop_each_time_is_a_task_of_its_own(client: Client) -> None:
    inner = sign_off("sign off: now?", at="/do/0/each/do/0/signOff", title="${ $item }")
    run = await start(
        client, plan(ForTask(name="each", at="/do/0/each", in_=["A", "B"], do=(inner,)))
    )
    first = f"task/{run.id}/sign-off-now"
    await stands(client, first, state="open")
    await decide(client, first, as_="u:ann")
    shown = await stands(client, f"{first}-2", state="open")
    assert shown.request.title == "B"
    old = decide(client, first, as_="u:ben", seen=shown.request.seen)
    assert await refused(old) == "task.closed"
    await decide(client, f"{first}-2", as_="u:ben")
    assert (await output_of(run))["votes"][0]["by"] == "u:ben"


async def test_it_survives_a_killed_worker_with_its_votes(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> None:
    worker = await start_worker(own_client, own_server.address, tmp_path / "first.log")
    run = await start(own_client, plan(sign_off(need=2)))
    task = await asked(run)
    await stands(own_client, task, state="open")
    seen = (await view(own_client, task)).request.seen
    await decide(own_client, task, as_="u:ann")
    await worker.kill()
    deciding = asyncio.create_task(decide(own_client, task, as_="u:ben", seen=seen))
    another = await start_worker(own_client, own_server.address, tmp_path / "second.log")
    try:
        await deciding
        result = await output_of(run)
    finally:
        await another.kill()
    assert [vote["by"] for vote in result["votes"]] == ["u:ann", "u:ben"]
    await replays(run, tmp_path)


async def test_the_limit_of_a_decided_approval_is_shown_as_stopped(client: Client) -> None:
    run = await start(client, plan(sign_off(timeout={"hours": 4})))
    task = await asked(run)
    await approve(client, run)
    await output_of(run)
    history = await read_history(client, Execution(workflow_id=task))
    timers = [step.status for step in history.steps if step.kind is StepKind.TIMER]
    assert timers == [StepStatus.STOPPED]


async def test_the_limit_of_an_approval_in_a_cancelled_run_is_shown_as_canceled(
    client: Client,
) -> None:
    run = await start(client, plan(sign_off(timeout={"hours": 4})))
    task = await asked(run)
    await stands(client, task, state="open")
    await run.cancel()
    await ended_cancelled(run)
    history = await read_history(client, Execution(workflow_id=task))
    timers = [step.status for step in history.steps if step.kind is StepKind.TIMER]
    assert timers == [StepStatus.CANCELED]


async def test_the_diagnosis_says_who_decides_and_how(client: Client) -> None:
    run = await start(client, plan(sign_off(timeout={"hours": 4})))
    task = await asked(run)
    await stands(client, task, state="open")
    (pending,) = (await run.query("pending"))["approvals"]
    assert pending["answer"] == f"tenuto tasks approve {task}"
    told = await diagnose(client, Execution(workflow_id=run.id, run_id=""))
    (waits,) = [each for each in told.findings if each.workflow_id == task][:1]
    assert f"`{task}` waits for u:ann or u:ben to decide" in waits.sentence
    assert "Release the order" in waits.sentence
    assert f"tenuto tasks approve {task}" in waits.remedy
    await approve(client, run)
    await output_of(run)


async def test_the_command_line_decides_by_fields(
    client: Client, temporal_server: ServerInfo, desk_log: Path, tmp_path: Path
) -> None:
    form = {"type": "object", "properties": {"limit": {"type": "integer"}}, "required": ["limit"]}
    run = await start(client, plan(sign_off(approvers=["g:risk"], form=form)))
    task = await asked(run)
    await stands(client, task, state="open")
    tenuto = Project(tmp_path, tmp_path / "bytecode")
    tenuto.environment["TEMPORAL_ADDRESS"] = temporal_server.address
    tenuto.environment["TENUTO_IDENTITY__KEYS"] = str(keys_beside(desk_log))
    shown = " ".join(tenuto("show", run.id).stdout.split())
    assert "waits for g:risk to decide" in shown
    assert f"tenuto tasks approve {task}" in shown
    approving = ("tasks", "approve", task, "--yes", "--as", "u:4711", "-f", "limit=5", "-m", "42")
    assert "[task.not-a-candidate]" in tenuto(*approving, code=1).stderr
    tenuto(*approving, "--groups", "risk")
    result = await output_of(run)
    assert (result["form"], result["comment"]) == ({"limit": 5}, "42")
    assert result["votes"][0]["by"] == "u:4711"
