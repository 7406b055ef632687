"""What a trigger starts: a workflow of the catalog, or a deployed definition."""

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import JsonValue
from temporalio.client import Client

from tenuto.catalog.check import check_input
from tenuto.catalog.entries import WorkflowEntry
from tenuto.catalog.registry import Catalog
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.definitions.check.nearest import did_you_mean
from tenuto.definitions.library import DefinitionLibrary, Deployed
from tenuto.definitions.plan import Plan
from tenuto.definitions.versions import LATEST
from tenuto.triggers.definitions import check_run_input
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.start import Handle, known_id


class Target(Protocol):
    """Something that can be started, as it is at this moment."""

    @property
    def names_itself(self) -> bool:
        """Whether its runs are called by what their input says, whoever starts them."""

    def check(self, value: JsonValue) -> None:
        """Raises UsageError `input.invalid` for an input that it refuses."""

    async def start(self, gate: Gate, client: Client, value: JsonValue, workflow_id: str) -> Handle:
        """A run with that input. Raises as the gate's starts do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryTarget:
    """A workflow of the catalog."""

    entry: WorkflowEntry[Any, Any]

    @property
    def names_itself(self) -> bool:
        """Whether its entry has a template for ids."""
        return self.entry.run_id is not None

    def check(self, value: JsonValue) -> None:
        """Raises UsageError `input.invalid` naming the fields."""
        request = check_input(self.entry, _mapping(value, self.entry.name))
        if self.names_itself and known_id(self.entry, request) is None:
            raise UsageError(
                f"The input of `{self.entry.name}` is wrong:\n  `version`: is required here, or the"
                " same event again would start the next version",
                code="input.invalid",
                details={"entry": self.entry.name, "errors": [{"field": "version"}]},
            )

    async def start(self, gate: Gate, client: Client, value: JsonValue, workflow_id: str) -> Handle:
        """A run; under its own id where it names itself."""
        named = None if self.names_itself else workflow_id
        given = _mapping(value, self.entry.name)
        return await gate.start(client, self.entry, given, workflow_id=named)


@dataclass(frozen=True, kw_only=True, slots=True)
class DefinitionTarget:
    """One version of a deployed definition."""

    plan: Plan

    @property
    def names_itself(self) -> bool:
        """Never."""
        return False

    def check(self, value: JsonValue) -> None:
        """Raises UsageError `input.invalid`."""
        check_run_input(self.plan, value)

    async def start(self, gate: Gate, client: Client, value: JsonValue, workflow_id: str) -> Handle:
        """A run of it."""
        return await gate.start_definition(
            client, self.plan, value, workflow_id=workflow_id, is_deployed=True
        )


class Targets:
    """Everything that triggers of this project can start."""

    def __init__(self, catalog: Catalog, library: DefinitionLibrary) -> None:
        self._catalog = catalog
        self._library = library

    def find(self, run: str) -> Target:
        """What `run` names; of a definition without a version the highest there is now.

        Raises NotFoundError `triggers.unknown-workflow` that suggests the nearest names.
        """
        if "/" in run:
            return DefinitionTarget(plan=self._deployed(run).plan)
        entry = self._catalog.workflows.get(run)
        if entry is None:
            raise _unknown(run, did_you_mean(run, self._catalog.workflows))
        return EntryTarget(entry=entry)

    async def at_once(self, run: str) -> Target:
        """The same without holding up others: definitions are read from the artifact store."""
        return await asyncio.to_thread(self.find, run) if "/" in run else self.find(run)

    def _deployed(self, run: str) -> Deployed:
        path, _, version = run.partition(":")
        namespace, _, name = path.partition("/")
        found = None if "/" in name else self._library.find(namespace, name, version or LATEST)
        if found is None:
            known = did_you_mean(path, self._library.names())
            raise _unknown(run, known or "None is deployed: `tenuto definition deploy FILE`.")
        return found


def _unknown(run: str, remedy: str) -> NotFoundError:
    return NotFoundError(
        f"There is no workflow `{run}` to start. {remedy}".strip(),
        code="triggers.unknown-workflow",
        details={"run": run},
    )


def _mapping(value: JsonValue, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(
            f"The input of `{name}` is wrong:\n  `input`: expected an object, and the mapping gave"
            f" {'null' if value is None else type(value).__name__}",
            code="input.invalid",
            details={"entry": name, "errors": [{"field": "input"}]},
        )
    return value
