"""Starting a run from what was typed: the input is checked before any server is asked."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.check import check_input
from tenuto.catalog.entries import WorkflowEntry
from tenuto.cli import exit_codes
from tenuto.cli.output import Output
from tenuto.cli.session import Session, open_session, run_url
from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.settings import load_settings
from tenuto.triggers.fields import Typed, pin_documents, read_fields, read_file

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.engine.runs.describe import RunDescription


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A run as it was asked for on the command line."""

    entry: WorkflowEntry[Any, Any]
    typed: dict[str, Typed]
    """Field name -> text, or several."""
    file: str | None
    """Input file, `-` for standard input."""
    workflow_id: str | None
    waits: bool
    timeout_s: float | None
    until_waiting: bool
    """Waits no longer than the run does something by itself."""
    asks: bool = False
    """Asks people for the approvals that the rules want, in place of starting."""
    break_glass: str = ""
    """Why it is started though no rule allows it; empty for every ordinary start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A run that was started here."""

    wanted: Wanted
    session: Session
    run: Execution

    @property
    def watch(self) -> str:
        """The command that shows its progress."""
        return f"tenuto show {self.run} --follow"

    def print_id(self, output: Output) -> None:
        """Prints the run as it was started: its id alone, or its record without a result."""
        output.record(
            self.record(None),
            lambda console: console.print(self.run.workflow_id, soft_wrap=True),
        )

    def record(self, described: "RunDescription | None") -> dict[str, Any]:
        """The run for a program: the same keys whether or not it has ended."""
        result = described.result if described else None
        return {
            "workflow": self.wanted.entry.name,
            "workflow_id": self.run.workflow_id,
            "run_id": described.run_id if described else self.run.run_id,
            "status": described.status if described else RunStatus.RUNNING,
            "result": result.values[0] if result and result.values else None,
            "result_problem": result.problem if result else None,
            "failure": described.failure if described else None,
            "started_at": described.started_at if described else None,
            "closed_at": described.closed_at if described else None,
            "elapsed_s": described.elapsed if described else None,
            "ui_url": run_url(self.session, self.run),
        }


def check_only(wanted: Wanted, output: Output) -> int:
    """Checks the input and shows what would be sent; writes and starts nothing."""
    with tempfile.TemporaryDirectory() as folder:
        request = read_request(wanted, open_store(folder))
    record: dict[str, Any] = {
        "workflow": wanted.entry.name,
        "queue": wanted.entry.queue,
        "input": request.model_dump(mode="json"),
    }

    output.record(record, lambda console: _draw_input(console, record["input"]))
    output.note("The input is right. Nothing was started (--dry-run).")
    return exit_codes.OK


def _draw_input(console: "Console", values: dict[str, Any]) -> None:
    from tenuto.cli.values import drawn

    console.print(drawn(values))


async def start_run(wanted: Wanted, output: Output) -> int:
    """Starts the run; waits for its end where that was asked for. Returns the exit code."""
    store = open_store(load_settings().artifacts_url)
    request = read_request(wanted, store)
    session = await open_session()
    if wanted.asks:
        return await _ask(wanted, request, session, output)
    handle = await session.gate.start(
        session.client,
        wanted.entry,
        request,
        workflow_id=wanted.workflow_id,
        break_glass=wanted.break_glass,
    )
    started = Started(
        wanted=wanted,
        session=session,
        run=Execution(workflow_id=handle.id, run_id=handle.run_id or ""),
    )
    if wanted.waits:
        # What draws takes longer to import than a run takes to start.
        from tenuto.cli.waiting import wait_for_end

        return await wait_for_end(started, output)
    started.print_id(output)
    output.note(f"Started. Watch it: {started.watch}")
    url = run_url(session, started.run)
    if url:
        output.note(f"In the browser: {url}")
    return exit_codes.OK


async def _ask(wanted: Wanted, request: BaseModel, session: Session, output: Output) -> int:
    from tenuto.cli.asked import say_asked

    asked = await session.gate.ask(
        session.client,
        wanted.entry,
        request,
        workflow_id=wanted.workflow_id,
        break_glass=wanted.break_glass,
    )
    return say_asked(output, asked, names_itself=wanted.entry.run_id is not None)


def read_request(wanted: Wanted, store: ArtifactStore) -> BaseModel:
    """The checked input. Raises UsageError naming the file, the field, and the remedy."""
    if wanted.workflow_id and wanted.entry.run_id:
        raise UsageError(
            f"`{wanted.entry.name}` names its runs by what they are about,"
            f" `{wanted.entry.run_id}`; leave out `--id`.",
            code="cli.id-is-given",
        )
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
