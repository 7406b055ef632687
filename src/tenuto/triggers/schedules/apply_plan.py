"""Does what a plan says, each schedule by itself and through the gate."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.client import Client

from tenuto.core.errors import TenutoError
from tenuto.policy.decision import Resource
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.schedules.applying import prune_schedule, put_schedule
from tenuto.triggers.schedules.check import Checked
from tenuto.triggers.schedules.plan import AT_ONCE, Change, Deed, Desired, desired

_NOTHING = (Deed.UNCHANGED, Deed.ELSEWHERE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became, or would become, of one schedule."""

    change: Change
    is_done: bool = False
    error: TenutoError | None = None

    @property
    def is_failed(self) -> bool:
        """Whether the server is not as it should be, and was not made so."""
        return self.error is not None or self.change.deed is Deed.TAKEN


async def apply_plan(
    client: Client,
    gate: Gate,
    checked: Checked,
    changes: Sequence[Change],
    *,
    owner: str,
    prune: bool,
) -> list[Outcome]:
    """Does every change that `gate` allows (`schedule:apply`), and with `prune` deletes too
    (`schedule:delete`).

    What fails keeps nothing else from being done: its outcome has the error. Applying again does
    what is left, so it does not matter where a process was killed.
    """
    stamp = gate.stamp()
    aims = {each.start.id: desired(each, stamp) for each in checked.wanted}
    room = asyncio.Semaphore(AT_ONCE)

    async def done(change: Change) -> Outcome:
        if change.deed in _NOTHING or (change.deed is Deed.PRUNE and not prune):
            return Outcome(change=change)
        async with room:
            try:
                return await _do(client, gate, change, aims.get(change.schedule_id), owner)
            except TenutoError as error:
                return Outcome(change=change, error=error)

    return list(await asyncio.gather(*map(done, changes)))


def of_code_schedule(schedule_id: str) -> Resource:
    """The schedule, as rules are asked about it."""
    return Resource(type="Schedule", id=schedule_id)


async def _do(
    client: Client, gate: Gate, change: Change, aim: Desired | None, owner: str
) -> Outcome:
    resource = of_code_schedule(change.schedule_id)
    if aim is None:
        await gate.authorize("schedule:delete", resource)
        await prune_schedule(client, change.schedule_id, owner)
        return Outcome(change=change, is_done=True)
    origin = await gate.origin_of_schedule(client, resource, aim.wanted.target.workflow)
    deed = await put_schedule(client, aim, owner, origin)
    return Outcome(change=change.model_copy(update={"deed": deed}), is_done=True)
