"""Workflows that ask people: in one line, several at once, in loops, and until not needed."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from temporalio.client import Client

from asking import catalog
from asking.models import AskRequest, AskResult
from asking.pack import pack as asking_pack
from run_endings import ended_cancelled, failure_of
from task_desk import APPROVE, REJECT, asked, refused, say, stands, task_worker
from tenuto.catalog.entries import WorkflowEntry
from tenuto.catalog.library.tasks.messages import Administer
from tenuto.catalog.library.tasks.outcome import CLOSED
from tenuto.engine.runs.task_outcomes import recorded_outcome
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(temporal_client: Client) -> AsyncIterator[Client]:
    """A client of a server on which tasks and the asking workflows are served."""
    async with task_worker(temporal_client, [asking_pack]):
        yield temporal_client


async def ask(
    client: Client,
    entry: WorkflowEntry[AskRequest, AskResult],
    *names: str,
    **fields: object,
) -> Handle:
    """A run of `entry` that asks under these names."""
    request = AskRequest(task=asked(**fields), names=names or ("sign-off",))
    return await start(client, entry, request, workflow_id=f"run-{secrets.token_hex(6)}")


async def result_of(handle: Handle) -> AskResult:
    ended: AskResult = await handle.result()
    return ended


async def test_inv_9_a_workflow_asks_in_one_line(desk: Client) -> None:
    run = await ask(desk, catalog.asks)
    task = f"task/{run.id}/sign-off"
    shown = await stands(desk, task, state="open")
    assert shown.root == run.id
    await say(desk, task, APPROVE)
    (outcome,) = (await result_of(run)).outcomes
    assert (outcome.task_id, outcome.state, outcome.by) == (task, "approved", "u:ann")


async def test_inv_10_a_rejection_says_who_when_and_why(desk: Client) -> None:
    run = await ask(desk, catalog.asks)
    await stands(desk, f"task/{run.id}/sign-off", state="open")
    await say(desk, f"task/{run.id}/sign-off", REJECT, as_="u:ben")
    failure = await failure_of(run)
    assert failure.details[0]["code"] == "task.rejected"
    outcome = failure.details[0]["outcome"]
    assert (outcome["by"], outcome["comment"]) == ("u:ben", "the cash is wrong")
    assert all(
        word in failure.message for word in ("u:ben", "the cash is wrong", outcome["at"][:4])
    )


async def test_inv_13_six_approvals_of_one_run_are_decided_apart(desk: Client) -> None:
    names = tuple(f"step-{number}" for number in range(6))
    run = await ask(desk, catalog.asks_at_once, *names)
    for name in names:
        await stands(desk, f"task/{run.id}/{name}", state="open")
    await say(desk, f"task/{run.id}/step-3", REJECT)
    for name in set(names) - {"step-3"}:
        assert (await stands(desk, f"task/{run.id}/{name}", state="open")).votes == ()
        await say(desk, f"task/{run.id}/{name}", APPROVE)
    states = [outcome.state for outcome in (await result_of(run)).outcomes]
    assert states == ["approved"] * 3 + ["rejected"] + ["approved"] * 2


async def test_a_loop_gives_every_turn_a_task_of_its_own(desk: Client) -> None:
    """A ticket for one turn must not fit the next."""
    run = await ask(desk, catalog.asks_at_once, "same", "same")
    ids = await _children(desk, run, 2)
    assert len(set(ids)) == 2
    for task in ids:
        await say(desk, task, APPROVE)
    assert {outcome.task_id for outcome in (await result_of(run)).outcomes} == set(ids)


async def test_a_fresh_history_gives_the_same_name_a_task_of_its_own(desk: Client) -> None:
    run = await ask(desk, catalog.asks_again, "same", "same")
    first = f"task/{run.id}/same"
    await stands(desk, first, state="open")
    await say(desk, first, APPROVE)
    (second,) = await _children(desk, run, 1, besides=first)
    assert second.startswith(f"{first}-")
    await say(desk, second, APPROVE)
    (outcome,) = (await desk.get_workflow_handle(run.id, result_type=AskResult).result()).outcomes
    assert outcome.task_id == second


async def test_two_runs_below_one_ask_under_the_same_name(desk: Client) -> None:
    run = await ask(desk, catalog.asks_below)
    for side in ("left", "right"):
        task = f"task/{run.id}/{side}/sign-off"
        await stands(desk, task, state="open")
        await say(desk, task, APPROVE)
    assert [outcome.state for outcome in (await result_of(run)).outcomes] == ["approved"] * 2


async def test_a_run_that_goes_on_withdraws_its_task(desk: Client) -> None:
    run = await ask(desk, catalog.asks_or_goes_on)
    task = f"task/{run.id}/sign-off"
    await stands(desk, task, state="open")
    await run.signal("go_on")
    (outcome,) = (await result_of(run)).outcomes
    assert (outcome.state, outcome.comment) == ("cancelled", "the order was cancelled")
    assert (await stands(desk, task, state="cancelled")).outcome is not None
    assert await refused(say(desk, task, APPROVE)) == "task.closed"


async def test_a_cancelled_run_takes_its_tasks_along(desk: Client) -> None:
    run = await ask(desk, catalog.asks_at_once, "one", "two")
    for name in ("one", "two"):
        await stands(desk, f"task/{run.id}/{name}", state="open")
    await run.cancel()
    await ended_cancelled(run)
    for name in ("one", "two"):
        task = f"task/{run.id}/{name}"
        ended = await recorded_outcome(desk, task)
        assert ended is not None
        assert ended.state == "cancelled"
        assert await refused(say(desk, task, APPROVE)) == "task.closed"


async def test_a_terminated_run_takes_its_tasks_along(desk: Client) -> None:
    run = await ask(desk, catalog.asks)
    task = f"task/{run.id}/sign-off"
    await stands(desk, task, state="open")
    await run.terminate("no longer wanted")

    async def is_cancelled() -> None:
        ended = await recorded_outcome(desk, task)
        assert ended is not None
        assert ended.state == "cancelled"

    await eventually(is_cancelled)


async def test_a_task_that_an_administrator_cancels_is_an_outcome(desk: Client) -> None:
    run = await ask(desk, catalog.asks_at_once)
    task = f"task/{run.id}/sign-off"
    await stands(desk, task, state="open")
    await say(desk, task, Administer(what="cancel", reason="asked twice"), as_="u:adm")
    (outcome,) = (await result_of(run)).outcomes
    assert (outcome.state, outcome.by, outcome.comment) == ("cancelled", "u:adm", "asked twice")


@pytest.mark.attack
async def test_a_task_that_is_terminated_from_outside_approves_nothing(desk: Client) -> None:
    run = await ask(desk, catalog.asks)
    task = f"task/{run.id}/sign-off"
    await stands(desk, task, state="open")
    await desk.get_workflow_handle(task).terminate("sneaky")
    assert (await failure_of(run)).details[0]["code"] == "task.ended-otherwise"


@pytest.mark.attack
async def test_a_task_that_is_cancelled_from_outside_approves_nothing(desk: Client) -> None:
    run = await ask(desk, catalog.asks)
    task = f"task/{run.id}/sign-off"
    await stands(desk, task, state="open")
    await desk.get_workflow_handle(task).cancel()
    assert (await failure_of(run)).details[0]["code"] == "task.rejected"


async def test_expiry_without_a_default_is_an_error_of_the_run(desk: Client) -> None:
    run = await ask(desk, catalog.asks, expire=timedelta(seconds=1))
    failure = await failure_of(run)
    assert failure.details[0]["code"] == "task.expired"
    assert failure.details[0]["outcome"]["state"] in CLOSED


async def test_a_task_whose_form_is_no_schema_fails_the_run(desk: Client) -> None:
    run = await ask(desk, catalog.asks, form={"type": "no such type"})
    assert (await failure_of(run)).details[0]["code"] == "task.form-unusable"


@pytest.mark.attack
async def test_somebody_who_takes_the_id_first_decides_nothing(desk: Client) -> None:
    run_id = f"run-{secrets.token_hex(6)}"
    forged = f"task/{run_id}/sign-off"
    await desk.start_workflow("HumanTask", asked(requester=None), id=forged, task_queue="tasks")
    await say(desk, forged, APPROVE, as_="u:ann")
    request = AskRequest(task=asked())
    run = await start(desk, catalog.asks, request, workflow_id=run_id)
    (genuine,) = await _children(desk, run, 1)
    assert genuine != forged
    assert (await stands(desk, genuine, state="open")).votes == ()
    await say(desk, genuine, APPROVE)
    assert (await result_of(run)).outcomes[0].task_id == genuine


async def _children(client: Client, run: Handle, count: int, *, besides: str = "") -> list[str]:
    """Workflow ids of the tasks that the run waits for."""

    async def waits() -> list[str]:
        shown = await client.get_workflow_handle(run.id).describe()
        children = shown.raw_description.pending_children
        pending = [each.workflow_id for each in children if each.workflow_id != besides]
        assert len(set(pending)) == len(pending) == count, "a name that was taken is tried again"
        return pending

    return await eventually(waits)
