"""Tasks for people in tests: a worker that serves them, and people who speak with tickets.

async with task_worker(client):
    task_id = await open_task(client, asked(candidates=("u:ann",)))
    await say(client, task_id, Decide(decision="approve"), as_="u:ann")
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from tenuto.activities.tasks.pack import pack
from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.messages import (
    Administer,
    Attach,
    Claim,
    Decide,
    Delegate,
    Forward,
    Release,
    Remark,
    RemindMe,
)
from tenuto.catalog.library.tasks.outcome import Standing, TaskOutcome, TaskView, closed
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.errors import TenutoError
from tenuto.core.pack import Pack
from tenuto.core.records import Record
from tenuto.engine.converter import error_code
from tenuto.engine.headers import signed
from tenuto.engine.registration import load_registration
from tenuto.engine.runs.task_outcomes import recorded_outcome
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.keys import KeyRing, new_key
from tenuto.identity.principal import Authentication
from tenuto.identity.signing import sign
from tenuto.identity.ticket import HEADER_TICKET, NO_POLICY, Ticket, hash_of
from tenuto.identity.trust import trust
from tenuto.testing import eventually
from tenuto.triggers.start import start

RING = KeyRing(keys=(new_key(datetime.now(UTC)),))
"""What signs here, and what the workers of `task_worker` trust."""

NAMES: dict[type[Record], str] = {
    Claim: "claim",
    Release: "release",
    Delegate: "delegate",
    Forward: "forward",
    Decide: "decide",
    Remark: "comment",
    Attach: "attach",
    RemindMe: "remind_me",
    Administer: "administer",
}
"""Message -> name of its update."""

APPROVE = Decide(decision="approve")
REJECT = Decide(decision="reject", comment="the cash is wrong")


@asynccontextmanager
async def task_worker(client: Client, packs: Iterable[Pack] = ()) -> AsyncIterator[None]:
    """Workers in this process that serve tasks, and `packs` too; they trust `RING`."""
    trust(RING)
    registration = load_registration([pack, *packs])
    async with AsyncExitStack() as running:
        for worker in build_workers(client, registration, WorkerSettings(), is_embedded=True):
            await running.enter_async_context(worker)
        yield
    trust(None)


def asked(**fields: Any) -> TaskRequest:
    """A request to ann, ben, or the group `g:risk`, by rex, unless `fields` say otherwise."""
    given = {"title": "Release the NAV", "requester": "u:rex"}
    return TaskRequest(**{**given, "candidates": ("u:ann", "u:ben", "g:risk"), **fields})


async def open_task(client: Client, request: TaskRequest, *, task_id: str | None = None) -> str:
    """The id of a new task that no workflow asked for."""
    named = task_id or f"task/tests-{secrets.token_hex(6)}/sign-off"
    await start(client, human_task, request, workflow_id=named)
    return named


def ticket(
    task_id: str, message: Record, *, as_: str = "u:ann", groups: Sequence[str] = (), **fields: Any
) -> Ticket:
    """A ticket for this message by this person, unless `fields` say otherwise."""
    now = datetime.now(UTC)
    given: dict[str, Any] = {
        "jti": secrets.token_hex(16),
        "sub": as_,
        "grp": tuple(groups),
        "act": NAMES[type(message)],
        "task": task_id,
        "ph": hash_of([message]),
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "pol": NO_POLICY,
        "auth": Authentication(method="local"),
    }
    return Ticket(**{**given, **fields})


async def say(
    client: Client,
    task_id: str,
    message: Record,
    *,
    as_: str = "u:ann",
    groups: Sequence[str] = (),
    **fields: Any,
) -> Standing:
    """Sends the message with a ticket of its own; raises as the task refuses."""
    return await send(client, message, ticket(task_id, message, as_=as_, groups=groups, **fields))


async def send(
    client: Client, message: Record, with_ticket: Ticket, *, to: str | None = None
) -> Standing:
    """Sends the message with this ticket, to the task it is for unless `to` says otherwise."""
    text = sign(with_ticket, RING)
    task_id = to or with_ticket.task
    handle = client.get_workflow_handle(task_id)
    try:
        with signed({HEADER_TICKET: text}):
            answer: Standing = await handle.execute_update(
                NAMES[type(message)], message, id=with_ticket.jti, result_type=Standing
            )
    except RPCError as error:
        # "already completed", or "aborted by closing workflow" for one that came as it ended.
        outcome = None
        if error.status == RPCStatusCode.NOT_FOUND:
            outcome = await recorded_outcome(client, task_id)
        if outcome is None:
            raise
        raise closed(outcome) from error
    return answer


async def refused(saying: Awaitable[Any]) -> str:
    """The code with which a message was refused."""
    with pytest.raises((WorkflowUpdateFailedError, TenutoError)) as refusal:
        await saying
    error = refusal.value
    code = error_code(error.cause if isinstance(error, WorkflowUpdateFailedError) else error)
    assert code is not None, repr(error.__cause__)
    return code


async def view(client: Client, task_id: str) -> TaskView:
    """The task as it stands."""
    handle = client.get_workflow_handle(task_id)
    shown: TaskView = await handle.query("view", result_type=TaskView)
    return shown


async def outcome(client: Client, task_id: str) -> TaskOutcome:
    """How the task ended, once it has."""
    handle = client.get_workflow_handle(task_id, result_type=TaskOutcome)
    ended: TaskOutcome = await handle.result()
    return ended


async def stands(client: Client, task_id: str, **fields: Any) -> TaskView:
    """The task, once its view has these fields."""

    async def shows() -> TaskView:
        try:
            shown = await view(client, task_id)
        except RPCError as error:
            raise AssertionError(f"{task_id} is not there yet") from error
        found = {name: getattr(shown, name) for name in fields}
        assert found == fields
        return shown

    await eventually(shows)
    return await view(client, task_id)
