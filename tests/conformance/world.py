"""What a scenario happens in: a definition, a run of it on the real engine, and how it went."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue
from temporalio.client import Client, ScheduleDescription, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError, CancelledError

from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.whole import Checked, check
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.library import DefinitionLibrary
from tenuto.definitions.plan import Plan
from tenuto.engine.registration import Registration
from tenuto.engine.replay import replay_history
from tenuto.testing import eventually
from tenuto.triggers.definition_schedules import apply_schedule, schedule_id
from tenuto.triggers.definition_timetable import timetable_of
from tenuto.triggers.definitions import request_of
from tenuto.workflows.interpreter.entry import definition


@dataclass
class World:
    """One scenario's state."""

    client: Client
    registration: Registration
    store: ArtifactStore
    folder: Path
    environment: pytest.MonkeyPatch
    text: str = ""
    input: JsonValue = None
    checked: Checked | None = None
    handle: "WorkflowHandle[Any, Any] | None" = None
    output: JsonValue = None
    error: dict[str, JsonValue] | None = None
    status: str = "pending"

    @property
    def catalog(self) -> Catalog:
        """What definitions may call."""
        return self.registration.catalog

    def check(self) -> Checked:
        """What the checker says of the definition."""
        self.checked = check(self.text, "scenario.yaml", self.catalog)
        return self.checked

    async def schedule(self) -> ScheduleDescription:
        """Deploys the definition with its schedule, as the engine has it then."""
        plan = self.deploy(self.text)
        assert self.checked is not None
        assert self.checked.loaded is not None
        await apply_schedule(self.client, plan, timetable_of(self.checked.loaded.value))
        named = schedule_id(plan.head.namespace, plan.head.name)
        return await self.client.get_schedule_handle(named).describe()

    def deploy(self, text: str) -> Plan:
        """Puts a definition into the library; it must be free of errors."""
        self.checked = checked = check(text, "deployed.yaml", self.catalog)
        assert checked.is_runnable, "\n".join(map(str, checked.findings))
        assert checked.loaded is not None
        value = checked.loaded.value
        plan = compile_plan(value, self.catalog)
        return DefinitionLibrary(self.store).deploy(text, value, plan).plan

    async def start(self) -> "WorkflowHandle[Any, Any]":
        """Starts the definition, which must be free of errors; its input is the run's to check."""
        checked = self.check()
        assert checked.is_runnable, "\n".join(map(str, checked.findings))
        assert checked.loaded is not None
        plan = compile_plan(checked.loaded.value, self.catalog)
        self.handle = await self.client.start_workflow(
            definition.type_name,
            request_of(plan, self.input),
            id=f"scenario/{plan.head.name}/{secrets.token_hex(4)}",
            task_queue=definition.queue,
        )
        return self.handle

    async def finish(self) -> None:
        """Waits for the end of the run, keeps how it ended, and replays its history."""
        handle = self.handle or await self.start()
        await self._end_of(handle)
        history = self.folder / "history.json"
        history.write_text((await handle.fetch_history()).to_json())
        verdict = await replay_history(history, self.registration)
        assert verdict.problem is None

    async def _end_of(self, handle: "WorkflowHandle[Any, Any]") -> None:
        try:
            self.output = await handle.result()
            self.status = "completed"
        except WorkflowFailureError as failure:
            cause = failure.cause
            if isinstance(cause, CancelledError):
                self.status = "cancelled"
                return
            assert isinstance(cause, ApplicationError), cause
            self.status = "faulted"
            self.error = cause.details[0]

    async def trace(self) -> list[dict[str, str]]:
        """Tasks of the run in the order in which things happened to them."""
        assert self.handle is not None
        trace: list[dict[str, str]] = await self.handle.query("trace")
        return trace

    async def happened(self, status: str) -> list[str]:
        """Names of the tasks that reached `status`, in that order."""
        return [each["name"] for each in await self.trace() if each["status"] == status]

    async def until_waiting(self, task: str) -> None:
        """Returns once the run waits in `task`."""
        assert self.handle is not None
        handle = self.handle

        async def waits() -> None:
            pending: list[dict[str, str]] = (await handle.query("pending"))["tasks"]
            assert task in [each["name"] for each in pending]

        await eventually(waits)
