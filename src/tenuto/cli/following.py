"""Watching a run until it ends."""

import asyncio
import time
from dataclasses import dataclass

from temporalio.client import Client

from tenuto.cli.output import Output
from tenuto.cli.own_queues import serves_here
from tenuto.cli.views import LineView, LiveView, View
from tenuto.core.errors import UnreachableError
from tenuto.engine.runs.diagnosis import diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import Finding, FindingKind
from tenuto.engine.runs.history import RunHistory, read_history
from tenuto.engine.runs.raw import describe_raw
from tenuto.engine.runs.status import RunStatus

_LOOK_S = 0.3
"""Between two looks at a run; five times as long as a look takes, where that is more."""
_QUIET_S = 2.0
"""Without a change for so long, whoever watches is told what the run waits for."""
_PATIENCE_S = 60.0
"""How long the server may be away: a run survives its restart, so watching it does."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The run as it ended, or the message it waits for where that was enough."""

    execution: Execution
    waits_for: Finding | None = None


async def follow_run(
    client: Client,
    run: Execution,
    output: Output,
    *,
    keeps_view: bool = False,
    until_waiting: bool = False,
) -> Followed:
    """Shows the progress of `run` on stderr until it ends; with `until_waiting`, until it waits
    for somebody to tell it something.

    A run that continues as new is followed into the next. `keeps_view` leaves the steps on the
    terminal. Raises UnreachableError when the server stays away for a minute.
    """
    view = LiveView(run, output, keeps=keeps_view) if output.is_animated else LineView(output)
    with view:
        while True:
            began = time.monotonic()
            status, history = await _patiently(client, run, view)
            view.show(status, history)
            if status is RunStatus.CONTINUED_AS_NEW:
                run = Execution(workflow_id=run.workflow_id)
            elif not status.is_open:
                return Followed(history.execution)
            elif view.unchanged_s > _QUIET_S:
                findings = (await diagnose(client, run, serves_here)).findings
                view.explain(findings)
                waiting = [f for f in findings if f.kind is FindingKind.WAITING_FOR_MESSAGE]
                if waiting and until_waiting:
                    return Followed(history.execution, waiting[0])
            await asyncio.sleep(max(_LOOK_S, 5 * (time.monotonic() - began)))


async def _patiently(client: Client, run: Execution, view: View) -> tuple[RunStatus, RunHistory]:
    """Status and steps; while the server is away, asks again."""
    give_up = time.monotonic() + _PATIENCE_S
    while True:
        try:
            raw = await describe_raw(client, run)
            status = RunStatus.from_raw(raw.workflow_execution_info.status)
            return status, await read_history(client, run, described=raw)
        except UnreachableError:
            if time.monotonic() > give_up:
                raise
            view.say("The server does not answer; trying again.")
            await asyncio.sleep(1)
