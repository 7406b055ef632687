"""Schedules as code in tests: a text, what it is checked against, and a server that follows it."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import Client, ScheduleDescription

from sample.pack import pack as sample
from tenuto.activities.definitions.pack import pack as definitions
from tenuto.artifacts.store import open_store
from tenuto.catalog.registry import Catalog
from tenuto.definitions.library import DefinitionLibrary
from tenuto.engine.registration import load_catalog
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.policy.decision import PolicyEngine
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory
from tenuto.triggers.schedules.apply_plan import Outcome, apply_plan
from tenuto.triggers.schedules.check import Checked, check
from tenuto.triggers.schedules.file import read_schedules
from tenuto.triggers.schedules.mark import AuthoredMark, owner_of, read_authored
from tenuto.triggers.schedules.plan import Change, Deed, make_plan

STEPS = "run: five-steps, input: {folder: /nowhere}"
"""What a schedule starts where it does not matter: no worker serves its queue."""


def sample_catalog() -> Catalog:
    """What the schedules of tests can start."""
    return load_catalog([sample, definitions])


class ScheduleDesk:
    """One project with its own owner name and ids, on the server that all tests share."""

    def __init__(self, client: Client, folder: Path, *, rules: PolicyEngine | None = None) -> None:
        self.client = client
        self.name = f"s{uuid.uuid4().hex[:8]}"
        self.library = DefinitionLibrary(open_store(str(folder / "artifacts")))
        self.catalog = sample_catalog()
        self.keys = KeyFolder(folder / "keys")
        self.records = RecordsInMemory()
        self.gate = self.gate_with(rules)

    def gate_with(self, rules: PolicyEngine | None) -> Gate:
        """Ann's gate under these rules; None is policy off."""
        return Gate(Principal(id="u:ann"), rules, self.keys, self.records)

    def id(self, short: str) -> str:
        """A schedule's id, as it is on the server."""
        return f"{self.name}/{short}"

    def checked(self, text: str) -> Checked:
        """The schedules in a text whose ids begin with `@`, for this desk's name."""
        return check(
            [read_schedules(text.replace("@", f"{self.name}/"), "schedules.yaml")],
            self.catalog,
            self.library,
        )

    async def plan(self, text: str, *, sets: Sequence[str] = ()) -> dict[str, Change]:
        """Short id -> what would be done."""
        changes = await self._plan(text, sets)
        return {self._short(each.schedule_id): each for each in changes}

    async def apply(
        self, text: str, *, sets: Sequence[str] = (), prune: bool = False, gate: Gate | None = None
    ) -> dict[str, Outcome]:
        """Short id -> what was done."""
        changes = await self._plan(text, sets, gate)
        outcomes = await apply_plan(
            self.client,
            gate or self.gate,
            self.checked(text),
            changes,
            owner=self.name,
            prune=prune,
        )
        return {self._short(each.change.schedule_id): each for each in outcomes}

    async def deeds(self, text: str, **options: Any) -> dict[str, Deed | str]:
        """Short id -> what was done about it, or the code of what kept it from being done."""
        done = await self.apply(text, **options)
        return {
            name: each.error.code if each.error else each.change.deed for name, each in done.items()
        }

    async def described(self, short: str) -> ScheduleDescription:
        """A schedule as the server has it."""
        return await self.client.get_schedule_handle(self.id(short)).describe()

    async def mark(self, short: str) -> AuthoredMark:
        """What a schedule was made from."""
        mark = await read_authored(self.client, await self.described(short))
        assert mark is not None
        return mark

    async def is_there(self, schedule_id: str) -> bool:
        """Whether the server has such a schedule."""
        return schedule_id in {each.id async for each in await self.client.list_schedules()}

    async def due(self, short: str, start: str, end: str) -> list[datetime]:
        """When the server would start it, UTC: what it says itself."""
        request = ListScheduleMatchingTimesRequest(
            namespace=self.client.namespace, schedule_id=self.id(short)
        )
        request.start_time.CopyFrom(_stamp(start))
        request.end_time.CopyFrom(_stamp(end))
        found = await self.client.workflow_service.list_schedule_matching_times(request)
        return [each.ToDatetime(tzinfo=UTC) for each in found.start_time]

    async def close(self) -> None:
        """Deletes what this desk made."""
        async for each in await self.client.list_schedules():
            if (await owner_of(each)).name == self.name:
                await self.client.get_schedule_handle(each.id).delete()

    async def _plan(self, text: str, sets: Sequence[str], gate: Gate | None = None) -> list[Change]:
        checked = self.checked(text)
        errors = [each for each in checked.findings if each.severity == "error"]
        assert not errors, [str(each) for each in errors]
        return await make_plan(
            self.client,
            checked,
            owner=self.name,
            stamp=(gate or self.gate).stamp(),
            sets=sets,
            now=datetime.now(UTC),
        )

    def _short(self, schedule_id: str) -> str:
        return schedule_id.removeprefix(f"{self.name}/")


def _stamp(text: str) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.fromisoformat(text))
    return stamp
