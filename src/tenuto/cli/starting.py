"""Starting a run from what was typed: the input is checked before any server is asked."""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.check import check_input
from tenuto.catalog.entries import WorkflowEntry
from tenuto.cli import exit_codes
from tenuto.cli.following import follow_run
from tenuto.cli.output import Output
from tenuto.cli.run_page import draw_problems
from tenuto.cli.session import Session, open_session, run_url
from tenuto.cli.times import span
from tenuto.cli.values import drawn
from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.engine.runs.describe import RunDescription, describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.settings import load_settings
from tenuto.triggers.fields import pin_documents, read_fields, read_file
from tenuto.triggers.start import start


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A run as it was asked for on the command line."""

    entry: WorkflowEntry[Any, Any]
    typed: dict[str, str]
    """Field name -> text."""
    file: str | None
    """Input file, `-` for standard input."""
    workflow_id: str | None
    waits: bool
    timeout_s: float | None
    until_waiting: bool
    """Waits no longer than the run does something by itself."""


def check_only(wanted: Wanted, output: Output) -> int:
    """Checks the input and shows what would be sent; writes and starts nothing."""
    with tempfile.TemporaryDirectory() as folder:
        request = read_request(wanted, open_store(folder))
    record = {
        "workflow": wanted.entry.name,
        "queue": wanted.entry.queue,
        "input": request.model_dump(mode="json"),
    }

    output.record(record, lambda console: console.print(drawn(record["input"])))
    output.note("The input is right. Nothing was started (--dry-run).")
    return exit_codes.OK


async def start_run(wanted: Wanted, output: Output) -> int:
    """Starts the run; waits for its end where that was asked for."""
    store = open_store(load_settings().artifacts_url)
    request = read_request(wanted, store)
    session = await open_session()
    handle = await start(session.client, wanted.entry, request, workflow_id=wanted.workflow_id)
    run = Execution(workflow_id=handle.id, run_id=handle.run_id or "")
    if not wanted.waits:
        return _say_started(wanted, session, run, output)
    try:
        async with asyncio.timeout(wanted.timeout_s):
            followed = await follow_run(
                session.client, run, output, keeps_view=True, until_waiting=wanted.until_waiting
            )
    except TimeoutError:
        output.note(f"Still running after {wanted.timeout_s:g} s. Watch it: {_watch(run)}")
        _print_id(wanted, session, run, output)
        return exit_codes.TIMED_OUT
    except asyncio.CancelledError:
        output.note(f"\nStopped watching; the run goes on. Watch it: {_watch(run)}")
        raise
    if followed.waits_for:
        output.note(f"Waits: {followed.waits_for.sentence} {followed.waits_for.remedy}")
        _print_id(wanted, session, run, output)
        return exit_codes.WAITING
    return await _report(wanted, session, followed.execution, output)


def _say_started(wanted: Wanted, session: Session, run: Execution, output: Output) -> int:
    _print_id(wanted, session, run, output)
    output.note(f"Started. Watch it: {_watch(run)}")
    url = run_url(session, run)
    if url:
        output.note(f"In the browser: {url}")
    return exit_codes.OK


def _print_id(wanted: Wanted, session: Session, run: Execution, output: Output) -> None:
    output.record(
        _record(wanted, session, run, None),
        lambda console: console.print(run.workflow_id, soft_wrap=True),
    )


async def _report(wanted: Wanted, session: Session, run: Execution, output: Output) -> int:
    described = await describe_run(session.client, run)
    record = _record(wanted, session, run, described)
    code = exit_codes.of_run(described.status)
    if code == exit_codes.OK:
        output.note(f"{run} completed in {span(described.elapsed)}.")
        output.record(record, lambda console: console.print(drawn(record["result"])))
        return code
    if output.is_json:
        output.record(record, lambda _: None)
        return code
    cause = described.failure.line if described.failure else "no reason is known"
    output.error(f"{run} ended {described.status}: {cause}")
    if described.failure:
        draw_problems(output.console(stderr=True), described.failure)
    output.note(f"More: tenuto show {run} --payloads")
    return code


def _watch(run: Execution) -> str:
    return f"tenuto show {run} --follow"


def _record(
    wanted: Wanted, session: Session, run: Execution, described: RunDescription | None
) -> dict[str, Any]:
    """The run for a program: the same keys whether or not it has ended."""
    result = described.result if described else None
    return {
        "workflow": wanted.entry.name,
        "workflow_id": run.workflow_id,
        "run_id": run.run_id,
        "status": described.status if described else RunStatus.RUNNING,
        "result": result.values[0] if result and result.values else None,
        "result_problem": result.problem if result else None,
        "failure": described.failure if described else None,
        "started_at": described.started_at if described else None,
        "closed_at": described.closed_at if described else None,
        "elapsed_s": described.elapsed if described else None,
        "ui_url": run_url(session, run),
    }


def read_request(wanted: Wanted, store: ArtifactStore) -> BaseModel:
    """The checked input. Raises UsageError naming the file, the field, and the remedy."""
    values = _from_file(wanted, store) if wanted.file else {}
    values |= read_fields(wanted.entry, wanted.typed, store)
    return check_input(wanted.entry, values)


def _from_file(wanted: Wanted, store: ArtifactStore) -> dict[str, Any]:
    path = Path(str(wanted.file))
    is_pipe = wanted.file == "-"
    values = read_yaml(sys.stdin.read(), "standard input") if is_pipe else read_file(path)
    base = Path() if is_pipe else path.parent
    if not isinstance(values, dict):
        raise UsageError(
            f"{path} holds a {type(values).__name__}, expected a mapping of field names to values.",
            code="input.not-a-mapping",
        )
    return pin_documents(wanted.entry, values, store, base)
