"""What people do with monitors, each through the gate."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import JsonValue
from temporalio.client import Client

from tenuto.core.errors import NotFoundError, TenutoError, UsageError
from tenuto.core.records import Record
from tenuto.engine.runs.origin import STARTED_BY
from tenuto.packs.monitors import keeping
from tenuto.packs.monitors.addresses.allowed import ANY, is_free, unproved
from tenuto.packs.monitors.addresses.asking import is_proved
from tenuto.packs.monitors.catalog import monitor_check
from tenuto.packs.monitors.drafts import fields_in, read_draft, without_secrets
from tenuto.packs.monitors.history import ExecutionRecord, read_history
from tenuto.packs.monitors.keeping import Kept
from tenuto.packs.monitors.lifecycle import check_transition
from tenuto.packs.monitors.listing import MonitorRow, list_monitors, named_monitors
from tenuto.packs.monitors.models import (
    CheckRecord,
    CheckRequest,
    Draft,
    Memory,
    Monitor,
    ProviderConfig,
    State,
)
from tenuto.packs.monitors.running import Started, first_check, trigger
from tenuto.packs.monitors.schedule import schedule_id
from tenuto.policy.decision import Resource
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.resources import of_run
from tenuto.triggers.origin import Starting
from tenuto.triggers.start import Handle

_MOST_SAME = 50
_AT_ONCE = 20


class Created(Record):
    """A new monitor."""

    monitor: Monitor
    check: Started | None = None
    """Its first check, where it was asked for at once."""


class Paused(Record):
    """What became of pausing many monitors."""

    paused: tuple[str, ...]
    failed: dict[str, str]
    """Id -> why."""


class Monitors:
    """The monitors of one server, in the name of one principal."""

    def __init__(
        self,
        client: Client,
        gate: Gate,
        *,
        check_config: Callable[[ProviderConfig], None] = lambda _: None,
        free_addresses: tuple[str, ...] = ANY,
    ) -> None:
        """`check_config` raises for what no provider could use, before anything is kept; addresses
        that no pattern of `free_addresses` fits are refused unless their owner has proved them."""
        self._client = client
        self._gate = gate
        self._check_config = check_config
        self._free_addresses = free_addresses

    @property
    def owner(self) -> str:
        """Whose monitors are created here."""
        return self._gate.principal.id

    async def create(
        self, draft: Draft, *, state: State = "active", run_immediately: bool = False
    ) -> Created:
        """A new monitor.

        Raises UsageError `monitors.name-taken`, `monitors.unproved-address`, PolicyDenied,
        UnreachableError; then there is none.
        """
        self._check_config(draft.config)
        owner = self.owner
        await self._refuse_unproved(owner, draft.addresses)
        await self._refuse_taken(draft.name, but_for="")
        for monitor_id in _ids(owner, draft.name):
            monitor = Monitor(**fields_in(draft), id=monitor_id, owner=owner)
            if await keeping.create(
                self._client,
                monitor,
                headers=await self._sign(monitor),
                memo=self._memo,
                state=state,
                is_due_now=run_immediately,
            ):
                return await self._created(monitor, run_immediately)
            holder = await self._holder(monitor_id)
            if holder is not None and holder.monitor.name == draft.name:
                raise _name_taken(draft.name, monitor_id)
        raise _name_taken(draft.name, "")

    async def fork(self, reference: str, name: str) -> Created:
        """A copy under another name, paused, that tells nobody and holds no reference to a secret.

        Raises as `find` and `create`.
        """
        draft = (await self.find(reference)).monitor.draft
        return await self.create(without_secrets(draft, name), state="paused")

    async def find(self, reference: str) -> Kept:
        """The monitor of that id, or of that name among one's own.

        Raises NotFoundError `monitors.not-found`, PolicyDenied.
        """
        kept = await self._found(reference)
        await self._authorize_reading(kept)
        return kept

    async def all(self, *, owner: str | None = None) -> list[MonitorRow]:
        """Those that may be seen, by name; of one owner, or of all."""
        rows = await list_monitors(self._client, owner=owner)
        return await self._gate.readable("run:read", rows, _of_row)

    async def history(self, reference: str, *, limit: int = 20) -> list[ExecutionRecord]:
        """The newest checks, newest first; by id also those of a monitor that was deleted."""
        try:
            kept = await self.find(reference)
        except NotFoundError:
            resource = of_run(schedule_id(reference), monitor_check.type_name)
            await self._gate.authorize("run:read", resource)
            found = await read_history(self._client, reference, limit=limit)
            if not found:
                raise
            return found
        return await read_history(self._client, kept.monitor.id, limit=limit)

    async def update(self, reference: str, changes: Mapping[str, Any]) -> Kept:
        """The monitor with other values; it stays paused, and keeps its checks.

        Raises UsageError `monitors.invalid`, `monitors.name-taken`, `monitors.changed-meanwhile`,
        `monitors.unproved-address`.
        """
        named = (await self._found(reference)).monitor
        await self._authorize(named.id)
        wanted = str(changes.get("name", named.name))
        if wanted != named.name:
            await self._refuse_taken(wanted, but_for=named.id)

        async def changed(kept: Kept) -> tuple[Monitor, State] | None:
            draft = read_draft({**fields_in(kept.monitor.draft), **changes})
            self._check_config(draft.config)
            new = [each for each in draft.addresses if each not in kept.monitor.addresses]
            await self._refuse_unproved(kept.monitor.owner, new)
            monitor = kept.monitor.model_copy(update=fields_in(draft))
            return None if monitor == kept.monitor else (monitor, kept.state)

        return await self._change(named.id, changed)

    async def move(self, reference: str, wanted: State) -> Kept:
        """The monitor in another state; unchanged where it is in that one.

        Raises UsageError `monitors.no-way`, `monitors.changed-meanwhile`.
        """
        named = (await self._found(reference)).monitor
        await self._authorize(named.id)

        async def moved(kept: Kept) -> tuple[Monitor, State] | None:
            if not check_transition(named.id, kept.state, wanted):
                return None
            if kept.state != "completed":
                return kept.monitor, wanted
            opened = {"generation": kept.monitor.generation + 1}
            return kept.monitor.model_copy(update=opened), wanted

        return await self._change(named.id, moved)

    async def pause_all(self, owner: str) -> Paused:
        """Pauses every active monitor of `owner`; what fails does not stop the others."""
        rows = [row for row in await self.all(owner=owner) if row.state == "active"]
        some = asyncio.Semaphore(_AT_ONCE)

        async def pause(row: MonitorRow) -> str:
            async with some:
                try:
                    await self.move(row.id, "paused")
                except TenutoError as error:
                    return error.message
                return ""

        said = await asyncio.gather(*(pause(row) for row in rows))
        ends = dict(zip((row.id for row in rows), said, strict=True))
        return Paused(
            paused=tuple(each for each, why in ends.items() if not why),
            failed={each: why for each, why in ends.items() if why},
        )

    async def delete(self, reference: str) -> bool:
        """Whether there was such a monitor; its checks stay readable by its id."""
        try:
            monitor_id = (await self._found(reference)).monitor.id
        except NotFoundError:
            return False
        await self._authorize(monitor_id)
        return await keeping.delete(self._client, monitor_id)

    async def run(self, reference: str) -> Started:
        """A check that starts now, or the one that runs; a paused monitor stays paused."""
        kept = await self._found(reference)
        await self._authorize(kept.monitor.id)
        return await trigger(self._client, kept)

    async def run_quietly(self, reference: str) -> Handle:
        """A check against what is known, that tells nobody and leaves nothing."""
        kept = await self.find(reference)
        checks = await read_history(self._client, kept.monitor.id)
        known = await _last_memory(self._client, checks)
        return await self._check(kept.monitor, known)

    async def preview(self, draft: Draft) -> Handle:
        """A first check of a monitor that is not kept, and that tells nobody."""
        self._check_config(draft.config)
        monitor = Monitor(**fields_in(draft), id="preview", owner=self._gate.principal.id)
        return await self._check(monitor, None)

    async def _check(self, monitor: Monitor, memory: Memory | None) -> Handle:
        request = CheckRequest(monitor=monitor, memory=memory, is_preview=True)
        named = f"monitor-preview/{monitor.id}/{secrets.token_hex(6)}"
        return await self._gate.start(self._client, monitor_check, request, workflow_id=named)

    async def _change(self, monitor_id: str, edit: keeping.Edit) -> Kept:
        return await keeping.change(
            self._client, monitor_id, edit, headers=self._sign, memo=self._memo
        )

    async def _created(self, monitor: Monitor, is_due_now: bool) -> Created:
        check = await first_check(self._client, monitor.id) if is_due_now else None
        return Created(monitor=monitor, check=check)

    async def _found(self, reference: str) -> Kept:
        if _is_id(reference):
            kept = await self._holder(reference)
            if kept is not None:
                return kept
        owner = self._gate.principal.id
        for monitor_id in _ids(owner, reference):
            kept = await self._holder(monitor_id)
            if kept is None:
                break
            if kept.monitor.name == reference:
                return kept
        for row in await named_monitors(self._client, reference, owner=owner):
            kept = await self._holder(row.id)
            if kept is not None and kept.monitor.name == reference:
                return kept
        raise NotFoundError(
            f"There is no monitor `{reference}`, neither by id nor among yours by name. `tenuto"
            " monitor list` shows those there are.",
            code="monitors.not-found",
            details={"monitor": reference},
        )

    async def _holder(self, monitor_id: str) -> Kept | None:
        try:
            return await keeping.read(self._client, monitor_id)
        except NotFoundError:
            return None

    async def _refuse_taken(self, name: str, *, but_for: str) -> None:
        """Refuses a name that another monitor of the owner has, whatever its id.

        That two cannot be created under one name is the engine's work, by their id; a renamed one
        has the id of its first name, so it is looked for, and looked at: the list is late.
        """
        for row in await named_monitors(self._client, name, owner=self.owner):
            holder = await self._holder(row.id) if row.id != but_for else None
            if holder is not None and holder.monitor.name == name:
                raise _name_taken(name, row.id)

    async def _refuse_unproved(self, owner: str, addresses: Iterable[str]) -> None:
        for each in addresses:
            is_known = is_free(each, self._free_addresses)
            if not is_known and not await is_proved(self._client, owner, each):
                raise UsageError(unproved(owner, each), code="monitors.unproved-address")

    async def _authorize(self, monitor_id: str) -> None:
        context: dict[str, JsonValue] = {"workflow": monitor_check.name}
        await self._gate.authorize("schedule:apply", _schedule(monitor_id), context)

    async def _authorize_reading(self, kept: Kept) -> None:
        monitor = kept.monitor
        resource = of_run(schedule_id(monitor.id), monitor_check.type_name, monitor.owner)
        await self._gate.authorize("run:read", resource)

    async def _sign(self, monitor: Monitor) -> Mapping[str, str]:
        """What signs all starts of the monitor's schedule, if `schedule:apply` is allowed."""
        named = schedule_id(monitor.id)
        origin = await self._gate.origin_of_schedule(
            self._client, _schedule(monitor.id), monitor_check.name
        )
        starting = Starting(
            type_name=monitor_check.type_name,
            workflow_id=named,
            queue=monitor_check.queue,
            arguments=[CheckRequest(monitor=monitor)],
            schedule=named,
        )
        return origin.sign(starting)

    @property
    def _memo(self) -> dict[str, str]:
        return {STARTED_BY: self._gate.principal.id}


async def _last_memory(client: Client, checks: list[ExecutionRecord]) -> Memory | None:
    for check in checks:
        if check.status == "success":
            handle = client.get_workflow_handle(
                check.workflow_id, run_id=check.run_id, result_type=CheckRecord
            )
            record: CheckRecord = await handle.result()
            return record.memory
    return None


def _ids(owner: str, name: str) -> Iterator[str]:
    """The ids that a monitor of this name may have: the second is for a name whose first holder
    was renamed. That the first is always the same lets only one of two creations at once win."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "monitor"
    for turn in range(_MOST_SAME):
        digest = hashlib.sha256(f"{owner}\n{name}\n{turn}".encode()).hexdigest()[:8]
        yield f"{slug}-{digest}"


def _is_id(reference: str) -> bool:
    return re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", reference) is not None


def _of_row(row: MonitorRow) -> Resource:
    return of_run(schedule_id(row.id), monitor_check.type_name, row.owner)


def _schedule(monitor_id: str) -> Resource:
    return Resource(type="Schedule", id=schedule_id(monitor_id))


def _name_taken(name: str, monitor_id: str) -> UsageError:
    return UsageError(
        f"You have a monitor called `{name}` already ({monitor_id}). Take another name, or change"
        f" that one: `tenuto monitor update {monitor_id}`.",
        code="monitors.name-taken",
        details={"name": name, "monitor": monitor_id},
    )
