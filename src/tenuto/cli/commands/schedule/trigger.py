"""`tenuto schedule trigger`."""

from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.cli.session import Session
    from tenuto.triggers.schedules.triggering import Triggered


@click.command("trigger")
@click.argument("schedule_id", metavar="ID")
@click.option("--wait", "waits", is_flag=True, help="Wait for the run; exit code 0 if it is done.")
@click.option(
    "--overlap", metavar="POLICY", help="Instead of the schedule's own policy for open runs."
)
@data_options
@click.pass_obj
def command(output: Output, schedule_id: str, waits: bool, overlap: str | None) -> int:
    """Start a run of schedule ID now, paused or not, and print which run it is.

    Where a run is open and the schedule's overlap policy drops this one, nothing is started and
    the open run is named.
    """
    import asyncio

    return asyncio.run(_trigger(output, schedule_id, waits, overlap))


async def _trigger(output: Output, schedule_id: str, waits: bool, overlap: str | None) -> int:
    from tenuto.cli.session import open_session
    from tenuto.triggers.schedules.triggering import trigger_schedule

    session = await open_session()
    done = await trigger_schedule(session.gate, session.client, schedule_id, overlap=overlap)
    _print(output, session, done)
    return await _wait(output, session, done) if waits and done.run else 0


def _print(output: Output, session: "Session", done: "Triggered") -> None:
    from tenuto.cli.session import run_url

    url = run_url(session, done.run) if done.run else None
    record: dict[str, Any] = {**done.model_dump(mode="json"), "ui_url": url}

    def show(console: "Console") -> None:
        if done.run is None:
            console.print(f"Queued: it starts when {', '.join(done.running)} has ended.")
            return
        console.print(done.run.workflow_id)
        console.print(f"run {done.run.run_id}")
        if url:
            console.print(url)

    output.record(record, show)
    if done.run:
        output.note(f"Started. Watch it: tenuto show {done.run.workflow_id} --follow")


async def _wait(output: Output, session: "Session", done: "Triggered") -> int:
    from tenuto.cli import exit_codes
    from tenuto.cli.following import follow_run
    from tenuto.engine.runs.raw import describe_raw
    from tenuto.engine.runs.status import RunStatus

    assert done.run is not None  # noqa: S101 (narrowing: the caller looked)
    ended = (await follow_run(session.client, done.run, output, keeps_view=True)).execution
    info = (await describe_raw(session.client, ended)).workflow_execution_info
    status = str(RunStatus.from_raw(info.status))
    output.note(f"The run has ended: {status}. See it: tenuto show {ended.workflow_id}")
    return exit_codes.of_run(status)
