"""`tenuto sync backfill`: days of the past, loaded again."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tenuto.cli.options import data_options
from tenuto.cli.output import Output

if TYPE_CHECKING:
    from tenuto.cli.session import Session
    from tenuto.packs.sync.backfill.models import BackfillProgress, BackfillRequest
    from tenuto.triggers.start import Handle

_LOOK_S = 0.5
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("backfill")
@click.argument("source")
@click.option("--start", type=_DAY, required=True, metavar="YYYY-MM-DD", help="First day.")
@click.option("--end", type=_DAY, required=True, metavar="YYYY-MM-DD", help="Last day, loaded too.")
@click.option(
    "--batch-size",
    type=click.IntRange(1, 366),
    default=7,
    show_default=True,
    help="Days of one batch; each batch is loaded once.",
)
@click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    metavar="NAME",
    help="Only this prefix of files, or this resource; may be given several times.",
)
@click.option("--dry-run", is_flag=True, help="Show batches and files; load nothing.")
@click.option("-w", "--wait", "waits", is_flag=True, help="Wait for the end; show progress.")
@data_options
@click.pass_obj
def backfill(
    output: Output,
    source: str,
    start: datetime,
    end: datetime,
    batch_size: int,
    prefixes: tuple[str, ...],
    dry_run: bool,
    waits: bool,
) -> int:
    """Load the days of SOURCE from --start to --end again, batch by batch.

    Workers may stop at any time: a batch that is loaded is not loaded again. Regular syncs go on
    meanwhile, and their cursor stays where it is.
    """
    from tenuto.packs.sync.backfill.planning import read_request

    request = read_request(source, start.date(), end.date(), batch_size, prefixes)
    if dry_run:
        return _show_plan(output, request)
    return asyncio.run(_start(output, request, waits))


def _show_plan(output: Output, request: "BackfillRequest") -> int:
    from tenuto.cli.session import authorize_locally
    from tenuto.packs.sync.backfill.catalog import sync_backfill
    from tenuto.packs.sync.backfill.planning import plan_backfill
    from tenuto.triggers.gate.resources import of_workflow

    authorize_locally("workflow:start", of_workflow(sync_backfill))
    batches = plan_backfill(request)

    def draw(console: Any) -> None:
        for number, batch in enumerate(batches, start=1):
            console.print(f"{number:>4}  {batch['start']} to {batch['end']}")
            for file in batch["files"] or ():
                console.print(f"        {file}")

    output.records(batches, draw)
    output.note("Nothing was loaded (--dry-run).")
    return 0


async def _start(output: Output, request: "BackfillRequest", waits: bool) -> int:
    from tenuto.cli.session import open_session
    from tenuto.packs.sync.backfill.catalog import sync_backfill
    from tenuto.packs.sync.manual import BACKFILL, start_alone

    session = await open_session()
    handle = await start_alone(
        session.client,
        session.gate,
        sync_backfill,
        request,
        named=BACKFILL.format(request.source_name),
    )
    if waits:
        return await _watch(output, session, handle)
    _print(output, session, handle)
    output.note(f"Started. Watch it: tenuto show {handle.id} --follow")
    return 0


def _print(output: Output, session: "Session", handle: "Handle", **more: Any) -> None:
    from tenuto.cli.session import run_url
    from tenuto.engine.runs.execution import Execution

    run = Execution(workflow_id=handle.id, run_id=handle.run_id or "")
    record = {
        "workflow_id": handle.id,
        "run_id": handle.run_id,
        "ui_url": run_url(session, run),
        **more,
    }
    output.record(record, lambda console: console.print(handle.id, soft_wrap=True))


async def _watch(output: Output, session: "Session", handle: "Handle") -> int:
    from temporalio.client import WorkflowFailureError

    from tenuto.engine.runs.describe import describe_run
    from tenuto.engine.runs.execution import Execution

    ending = asyncio.ensure_future(handle.result())
    await _show_progress(output, session, handle, ending)
    try:
        result = await ending
    except WorkflowFailureError:
        seen = await _progress(session, handle)
        ended = await describe_run(session.client, Execution(workflow_id=handle.id))
        why = ended.failure.line if ended.failure else "why is unknown"
        output.error(f"{handle.id} ended {ended.status}: {why}")
        if seen is not None and seen.current is not None:
            output.note(
                f"{seen.done} of {seen.total} batches are loaded. Go on with"
                f" --start {seen.current.start}."
            )
        return 1
    _print(output, session, handle, result=result.model_dump(mode="json"))
    rows = sum(result.row_counts.values())
    output.note(f"{len(result.batches)} batches, {rows:,} rows: {result.destination}")
    return 0


async def _show_progress(
    output: Output, session: "Session", handle: "Handle", ending: "asyncio.Future[Any]"
) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = output.console(stderr=True)
    bar = Progress(*columns, console=console, disable=not output.is_animated)
    told = -1
    with bar:
        task = bar.add_task("waiting for a worker", total=None)
        while not ending.done():
            seen = await _progress(session, handle)
            if seen is not None:
                now = f"{seen.current.start} to {seen.current.end}" if seen.current else "done"
                bar.update(task, total=seen.total, completed=seen.done, description=now)
                if seen.done != told and not output.is_animated:
                    output.note(f"{seen.done}/{seen.total} {now}, {seen.rows:,} rows so far")
                told = seen.done
            await asyncio.wait([ending], timeout=_LOOK_S)


async def _progress(session: "Session", handle: "Handle") -> "BackfillProgress | None":
    """None while no worker answers."""
    from tenuto.core.errors import TransientError
    from tenuto.packs.sync.backfill.models import BackfillProgress

    try:
        found = await session.gate.query(session.client, handle.id, "progress")
    except TransientError:
        return None
    return BackfillProgress.model_validate(found)
