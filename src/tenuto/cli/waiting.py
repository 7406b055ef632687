"""`tenuto run --wait`: progress while a run goes on, its result or its cause at the end."""

import asyncio
from typing import TYPE_CHECKING

from rich.text import Text

from tenuto.cli import exit_codes
from tenuto.cli.following import follow_run
from tenuto.cli.output import Output
from tenuto.cli.problems import draw_problems
from tenuto.cli.starting import Started
from tenuto.cli.times import span
from tenuto.cli.values import drawn
from tenuto.engine.runs.describe import RunDescription, describe_run
from tenuto.engine.runs.execution import Execution

if TYPE_CHECKING:
    from rich.console import Console


async def wait_for_end(started: Started, output: Output) -> int:
    """The exit code that tells how the run ended, or that waiting for it ended first."""
    wanted = started.wanted
    try:
        async with asyncio.timeout(wanted.timeout_s):
            followed = await follow_run(
                started.session.client,
                started.run,
                output,
                keeps_view=True,
                until_waiting=wanted.until_waiting,
            )
    except TimeoutError:
        output.note(f"Still running after {wanted.timeout_s:g} s. Watch it: {started.watch}")
        started.print_id(output)
        return exit_codes.TIMED_OUT
    except asyncio.CancelledError:
        output.note(f"\nStopped watching; the run goes on. Watch it: {started.watch}")
        raise
    if followed.waits_for:
        output.note(f"Waits: {followed.waits_for.sentence} {followed.waits_for.remedy}")
        started.print_id(output)
        return exit_codes.WAITING
    return await _report(started, followed.execution, output)


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
