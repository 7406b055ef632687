"""From an arrival to a run: mapped, checked, and started once, however often it arrives."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue
from temporalio.client import Client

from tenuto.core.errors import UnreachableError, UsageError
from tenuto.engine.runs.calls import refusals
from tenuto.triggers.events.arrivals import Arrival, mapped, run_id
from tenuto.triggers.events.model import Start
from tenuto.triggers.events.targets import Target, Targets
from tenuto.triggers.gate.gate import Gate

PATIENCE_S = 8.0
"""For so long the server may take a start; after that the sender is asked to send it again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one arrival."""

    status: Literal["started", "duplicate", "signalled", "delivered", "filtered"]
    workflow_id: str | None = None
    run_id: str | None = None
    reason: str = ""
    delivered_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A start that was checked and not sent."""

    target: Target
    input: JsonValue
    workflow_id: str


async def prepare(arrival: Arrival, start: Start, targets: Targets) -> Prepared:
    """The start that an arrival makes. Nothing is sent.

    Raises DataError for expressions that fail on it, UsageError `input.invalid` for an input that
    the workflow refuses, NotFoundError for a workflow that is gone.
    """
    target = await targets.at_once(start.run)
    # In a thread: what others send must not wait for an expression that takes its time.
    value, named = await asyncio.to_thread(_mapped, arrival, start)
    target.check(value)
    return Prepared(target=target, input=value, workflow_id=named)


async def send(prepared: Prepared, gate: Gate, client: Client) -> Outcome:
    """Starts the run, or finds that it was started: by another process, or long ago.

    Raises PolicyDenied, and UnreachableError where it is not known that the server has the run.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            with refusals(f"run `{prepared.workflow_id}`"):
                handle = await prepared.target.start(
                    gate, client, prepared.input, prepared.workflow_id
                )
    except TimeoutError as late:
        raise UnreachableError(
            f"The Temporal server took longer than {PATIENCE_S:g} s to start"
            f" `{prepared.workflow_id}`.",
            code="triggers.engine-slow",
        ) from late
    except UsageError as error:
        if error.code != "start.id-taken":
            raise
        known, first = str(error.details["workflow_id"]), error.details["run_id"]
        return Outcome(status="duplicate", workflow_id=known, run_id=first)
    return Outcome(status="started", workflow_id=handle.id, run_id=handle.run_id)


def _mapped(arrival: Arrival, start: Start) -> tuple[JsonValue, str]:
    return mapped(arrival, start.input), run_id(arrival, start)
