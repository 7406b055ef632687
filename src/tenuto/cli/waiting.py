"""`tenuto run --wait`: progress while a run goes on, its result or its cause at the end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from rich.text import Text

from tenuto.cli import exit_codes
from tenuto.cli.following import follow_run
from tenuto.cli.output import Output
from tenuto.cli.problems import draw_problems
from tenuto.cli.session import Session
from tenuto.cli.starting import Started
from tenuto.cli.times import span
from tenuto.cli.values import drawn
from tenuto.engine.runs.describe import RunDescription, describe_run
from tenuto.engine.runs.execution import Execution

if TYPE_CHECKING:
    from rich.console import Console


class Begun(Protocol):
    """A run that was started here."""

    @property
    def session(self) -> Session:
        """Where it runs."""
        ...

    @property
    def run(self) -> Execution:
        """Which it is."""
        ...

    @property
    def watch(self) -> str:
        """The command that shows its progress."""
        ...

    def print_id(self, output: Output) -> None:
        """Prints the run as it was started."""
        ...


Report = Callable[[Execution], Awaitable[int]]
"""Prints how a run ended, and returns the exit code for it."""


async def wait(
    begun: Begun, output: Output, report: Report, *, timeout_s: float | None, until_waiting: bool
) -> int:
    """The exit code that tells how the run ended, or that waiting for it ended first.

    Waits `timeout_s` seconds at most, and with `until_waiting` until the run waits for somebody.
    """
    try:
        async with asyncio.timeout(timeout_s):
            followed = await follow_run(
                begun.session.client,
                begun.run,
                output,
                keeps_view=True,
                until_waiting=until_waiting,
            )
    except TimeoutError:
        output.note(f"Still running after {timeout_s:g} s. Watch it: {begun.watch}")
        begun.print_id(output)
        return exit_codes.TIMED_OUT
    except asyncio.CancelledError:
        output.note(f"\nStopped watching; the run goes on. Watch it: {begun.watch}")
        raise
    if followed.waits_for:
        output.note(f"Waits: {followed.waits_for.sentence} {followed.waits_for.remedy}")
        begun.print_id(output)
        return exit_codes.WAITING
    return await report(followed.execution)


async def wait_for_end(started: Started, output: Output) -> int:
    """As `wait`, for a workflow of the catalog."""
    wanted = started.wanted
    return await wait(
        started,
        output,
        lambda ended: _report(started, ended, output),
        timeout_s=wanted.timeout_s,
        until_waiting=wanted.until_waiting,
    )


async def _report(started: Started, ended: Execution, output: Output) -> int:
    described = await describe_run(started.session.client, ended)
    code = exit_codes.of_run(described.status)
    if code == exit_codes.OK:
        output.note(f"{ended} completed in {span(described.elapsed)}.")
    elif not output.is_json:
        _say_why(described, output)
    output.record(started.record(described), lambda console: _draw_result(console, described))
    return code


def _draw_result(console: "Console", described: RunDescription) -> None:
    result = described.result
    if result is None:
        return
    for value in result.values:
        if value is not None:
            console.print(drawn(value))
    if result.problem:
        console.print(Text(f"The result is {result.problem}.", style="yellow"))


def _say_why(described: RunDescription, output: Output) -> None:
    failure = described.failure
    cause = failure.line if failure else "why is unknown"
    output.error(f"{described.workflow_id} ended {described.status}: {cause}")
    if failure:
        output.draw(lambda console: draw_problems(console, failure), stderr=True)
    output.note(f"More: tenuto show {described.workflow_id} --payloads")
