"""The runs whose histories are recorded: each takes its workflow through all it can do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from sample import catalog
from sample.models import (
    ApprovalRequest,
    ChildRequest,
    Decision,
    FiveStepsRequest,
    FlakyRequest,
    SlowRequest,
)
from sample.pack import pack as sample_pack
from tenuto.core.pack import Pack
from tenuto.testing import eventually
from tenuto.triggers.start import Handle, start


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One run to record."""

    pack: Pack
    run: Callable[[Client, Path], Awaitable[Handle]]
    """Starts the run, tells it what it waits for, and returns when it needs nothing more."""
    queues: tuple[str, ...] = ()
    """Task queues that get a worker; none named means all of the pack's."""


async def _five_steps(client: Client, folder: Path) -> Handle:
    return await start(client, catalog.five_steps, FiveStepsRequest(folder=str(folder)))


async def _flaky(client: Client, folder: Path) -> Handle:
    return await start(client, catalog.flaky, FlakyRequest(folder=str(folder), failures=1))


async def _slow(client: Client, folder: Path) -> Handle:
    request = SlowRequest(folder=str(folder), kind="schedule-to-start")
    return await start(client, catalog.slow, request)


async def _approval(client: Client, folder: Path) -> Handle:
    handle = await start(client, catalog.approval, ApprovalRequest(subject="fund F1"))
    await handle.signal("note", "look at the cash")
    await handle.execute_update("decide", Decision(is_approved=True, by="ada"))
    return handle


async def _parent(client: Client, folder: Path) -> Handle:
    handle = await start(client, catalog.parent, ChildRequest(subject="fund F1"))
    child = client.get_workflow_handle(f"{handle.id}/approval")

    async def child_decides() -> None:
        try:
            await child.execute_update("decide", Decision(is_approved=False, by="ada"))
        except RPCError as error:
            raise AssertionError("the child is not there yet") from error

    await eventually(child_decides)
    return handle


RECORDINGS: dict[str, Recording] = {
    name: Recording(pack=sample_pack, run=run, queues=(catalog.QUEUE,))
    for name, run in (
        ("five-steps", _five_steps),
        ("flaky", _flaky),
        ("slow", _slow),
        ("approval", _approval),
        ("parent", _parent),
    )
}
"""By catalog name of the workflow."""
