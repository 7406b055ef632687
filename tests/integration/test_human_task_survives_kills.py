"""Votes are counted once, whichever process is killed while they are cast."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from task_desk import APPROVE, RING, asked, open_task, outcome, refused, say, send, stands, ticket
from tenuto.catalog.library.tasks.messages import Claim, Remark
from tenuto.catalog.library.tasks.outcome import Standing
from tenuto.core.errors import TenutoError
from tenuto.identity.ticket import Ticket

GROUP = ("g:risk",)


@pytest_asyncio.fixture
async def task_worker_starts(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> AsyncIterator[StartWorker]:
    """Starts workers of tasks on this test's own server; whichever are left are killed."""
    keys = tmp_path / "keys.json"
    keys.write_text(RING.public_part().model_dump_json())
    options = ("--keys", str(keys))
    async with worker_processes(
        own_server, tmp_path, *options, module="task_worker_process"
    ) as one_more:
        yield one_more


async def test_inv_9_a_task_survives_its_worker_and_its_server(
    own_server: KillableServer, own_client: Client, task_worker_starts: StartWorker
) -> None:
    first = await task_worker_starts()
    task = await open_task(own_client, asked(need=2, candidates=("g:risk",)))
    await say(own_client, task, Claim(), groups=GROUP)
    await first.kill()
    vote = ticket(task, APPROVE, groups=GROUP)
    in_flight = asyncio.create_task(_persistently(own_client, vote))
    await own_server.kill()
    await own_server.start()
    await task_worker_starts()
    assert (await in_flight).approvals_missing == 1
    shown = await stands(own_client, task, state="open")
    assert [each.ticket for each in shown.votes] == [vote.jti]
    assert await refused(say(own_client, task, APPROVE, groups=GROUP)) == "task.second-vote"
    last = await say(own_client, task, APPROVE, as_="u:ben", groups=GROUP)
    assert last.outcome == await outcome(own_client, task)


@pytest.mark.chaos
async def test_a_worker_killed_at_any_moment_of_a_vote_counts_it_once(
    own_client: Client, task_worker_starts: StartWorker
) -> None:
    """Before it reads the vote, while it judges it, after it accepted it, after it answered."""
    task = await open_task(own_client, asked(need=12, candidates=("g:risk",)))
    votes = [ticket(task, APPROVE, as_=f"u:p{number}", groups=GROUP) for number in range(12)]
    for number, vote in enumerate(votes):
        worker = await task_worker_starts()
        in_flight = asyncio.create_task(_persistently(own_client, vote))
        await asyncio.sleep(0.01 * number)
        await worker.kill()
        await task_worker_starts()
        await in_flight
    ended = await outcome(own_client, task)
    assert [each.ticket for each in ended.votes] == [each.jti for each in votes]


async def _persistently(client: Client, vote: Ticket) -> Standing:
    """Sends the same vote until it is answered, as whoever sits before a page that hangs."""
    while True:
        try:
            return await asyncio.wait_for(send(client, APPROVE, vote), 10)
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError, TenutoError):
            await asyncio.sleep(0.2)


@pytest.mark.chaos
async def test_two_thousand_comments_lose_no_vote(
    own_client: Client, task_worker_starts: StartWorker
) -> None:
    """More than one history takes; the server itself says when to go on."""
    await task_worker_starts()
    task = await open_task(own_client, asked(need=2, candidates=("g:risk",)))
    await say(own_client, task, APPROVE, groups=GROUP)
    began = (await own_client.get_workflow_handle(task).describe()).run_id
    numbers = iter(range(2_000))

    async def talk() -> None:
        for number in numbers:
            remark = Remark(text=f"remark {number}")
            while await _is_overtaken(say(own_client, task, remark, groups=GROUP)):
                pass

    await asyncio.gather(*(talk() for _ in range(8)))
    described = await own_client.get_workflow_handle(task).describe()
    assert described.run_id != began
    shown = await stands(own_client, task, state="open")
    assert [each.by for each in shown.votes] == ["u:ann"]
    comments = [each for each in shown.happenings if each.what == "commented"]
    assert len(comments) + shown.forgotten >= 2_000
    full = say(own_client, task, Remark(text="one more"), groups=GROUP)
    assert await refused(full) == "task.too-many-comments"
    last = await say(own_client, task, APPROVE, as_="u:ben", groups=GROUP)
    assert last.state == "approved"


async def _is_overtaken(saying: Awaitable[Standing]) -> bool:
    """Whether a message came just as the task went on with a fresh history, and was not taken."""
    try:
        await saying
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.RESOURCE_EXHAUSTED):
            return True
        raise
    return False
