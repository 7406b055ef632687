"""Monitors in the engine: made, read, changed by whoever saw what they change, and deleted."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from temporalio.api.enums.v1 import ScheduleOverlapPolicy
from temporalio.api.schedule.v1 import Schedule, ScheduleInfo
from temporalio.api.workflowservice.v1 import (
    CreateScheduleRequest,
    DeleteScheduleRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tenuto.core.errors import NotFoundError, TransientError, UsageError
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.schedules import raw_schedule, replace_schedule
from tenuto.packs.monitors.catalog import monitor_check
from tenuto.packs.monitors.models import Monitor, State
from tenuto.packs.monitors.schedule import (
    MARK,
    Mark,
    fill,
    mark_as,
    owner_payload,
    read_mark,
    read_monitor,
    schedule_id,
    search_attributes,
)

_MOST_ATTEMPTS = 8
_POLLS_S = (*(0.05 * turn for turn in range(1, 10)), *[0.5] * 16)
"""About ten seconds: often at first, and gently when the server is busy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A monitor as the engine has it at one moment."""

    monitor: Monitor
    mark: Mark
    schedule: Schedule
    info: ScheduleInfo
    token: bytes
    """What a change has to show: the engine leaves out changes that were based on another."""

    @property
    def state(self) -> State:
        """How it stands."""
        return self.mark.state


Edit = Callable[[Kept], Awaitable[tuple[Monitor, State] | None]]
"""What a monitor becomes; None where there is nothing to change."""


async def create(
    client: Client,
    monitor: Monitor,
    *,
    headers: Mapping[str, str],
    memo: Mapping[str, str],
    state: State = "active",
    is_due_now: bool = False,
) -> bool:
    """Keeps a new monitor in one call; False where there is one of that id.

    Where it `is_due_now`, the same call orders its first check.
    """
    schedule = Schedule()
    mark = Mark(state=state, change=secrets.token_hex(8))
    await fill(client, schedule, monitor, mark, headers, memo)
    request = CreateScheduleRequest(
        namespace=client.namespace,
        schedule_id=schedule_id(monitor.id),
        schedule=schedule,
        search_attributes=search_attributes(monitor, state),
        identity=client.identity,
        request_id=mark.change,
    )
    request.memo.fields[MARK].CopyFrom(await owner_payload(client, monitor))
    if is_due_now:
        skip = ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP
        request.initial_patch.trigger_immediately.overlap_policy = skip
    try:
        await client.workflow_service.create_schedule(request, retry=True, timeout=PATIENCE)
    except RPCError as error:
        if error.status == RPCStatusCode.ALREADY_EXISTS:
            return False
        with refusals(f"monitor `{monitor.name}`"):
            raise
    return True


async def read(client: Client, monitor_id: str) -> Kept:
    """The monitor of that id. Raises NotFoundError `monitors.not-found`."""
    with refusals(f"monitor `{monitor_id}`"):
        found = await raw_schedule(client, schedule_id(monitor_id))
    if found is None:
        raise _missing(monitor_id)
    action = found.schedule.action.start_workflow
    if action.workflow_type.name != monitor_check.type_name or MARK not in action.memo.fields:
        raise _missing(monitor_id)
    return Kept(
        monitor=await read_monitor(client, found.schedule),
        mark=await read_mark(client, found.schedule),
        schedule=found.schedule,
        info=found.info,
        token=found.conflict_token,
    )


async def change(
    client: Client,
    monitor_id: str,
    edit: Edit,
    *,
    headers: Callable[[Monitor], Awaitable[Mapping[str, str]]] | None = None,
    memo: Mapping[str, str] | None = None,
) -> Kept:
    """The monitor after `edit`, which saw it as it is; all of it changes in one step, or nothing.

    The engine answers a change that came second as if it had made it, so what it made is read
    back. Raises UsageError `monitors.changed-meanwhile` where somebody else's change came first,
    and whatever `edit` raises.
    """
    basis = await read(client, monitor_id)
    for _ in range(_MOST_ATTEMPTS):
        wanted = await edit(basis)
        if wanted is None:
            return basis
        mark = await _send(client, basis, *wanted, headers=headers, memo=memo or {})
        now = await _after(client, basis)
        if now.mark.change == mark.change:
            return now
        if now.mark != basis.mark:
            break
        basis = now  # only the engine's own book-keeping came first: a run that began or ended
    raise UsageError(
        f"Somebody else changed monitor `{monitor_id}` at the same moment, and their change came"
        " first; nothing of yours was done. Look at it (`tenuto monitor show`) and try again.",
        code="monitors.changed-meanwhile",
        details={"monitor": monitor_id},
    )


async def _after(client: Client, basis: Kept) -> Kept:
    """The monitor once the engine has taken any change after `basis`."""
    monitor_id = basis.monitor.id
    for pause in _POLLS_S:
        now = await read(client, monitor_id)
        if now.token != basis.token:
            return now
        await asyncio.sleep(pause)
    raise TransientError(
        f"The server took a change of monitor `{monitor_id}`, and does not show it after ten"
        " seconds. Look whether it was made (`tenuto monitor show`), and try again if not.",
        code="monitors.not-changed",
        details={"monitor": monitor_id},
    )


async def delete(client: Client, monitor_id: str) -> bool:
    """Whether there was such a monitor; there is none afterwards."""
    request = DeleteScheduleRequest(
        namespace=client.namespace, schedule_id=schedule_id(monitor_id), identity=client.identity
    )
    try:
        await client.workflow_service.delete_schedule(request, retry=True, timeout=PATIENCE)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        with refusals(f"monitor `{monitor_id}`"):
            raise
    return True


async def _send(
    client: Client,
    basis: Kept,
    monitor: Monitor,
    state: State,
    *,
    headers: Callable[[Monitor], Awaitable[Mapping[str, str]]] | None,
    memo: Mapping[str, str],
) -> Mark:
    schedule = Schedule()
    schedule.CopyFrom(basis.schedule)
    mark = Mark(state=state, change=secrets.token_hex(8))
    if monitor == basis.monitor:
        await mark_as(client, schedule, mark)
    else:
        signing = await headers(monitor) if headers else {}
        await fill(client, schedule, monitor, mark, signing, memo)
    with refusals(f"monitor `{monitor.id}`"):
        await replace_schedule(
            client,
            schedule_id(monitor.id),
            schedule,
            token=basis.token,
            found_by=search_attributes(monitor, state),
            change=mark.change,
        )
    return mark


def _missing(monitor_id: str) -> NotFoundError:
    return NotFoundError(
        f"There is no monitor `{monitor_id}`. `tenuto monitor list` shows those there are.",
        code="monitors.not-found",
        details={"monitor": monitor_id},
    )
