"""`tenuto definition run`: a definition and its input are checked, then the run is started."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenuto.cli import exit_codes
from tenuto.cli.definitions.choice import choose
from tenuto.cli.definitions.input import read_input
from tenuto.cli.output import Output
from tenuto.cli.session import Session, open_session, run_url
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.status import RunStatus
from tenuto.triggers.definitions import check_run_input
from tenuto.workflows.interpreter.entry import name_of

if TYPE_CHECKING:
    from rich.console import Console

    from tenuto.engine.runs.describe import RunDescription
    from tenuto.engine.runs.failures import Failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A run as it was asked for on the command line."""

    definition: str
    """File, or name of a deployed definition."""
    given: str | None
    """Input file, `-`, or JSON."""
    fields: tuple[str, ...]
    workflow_id: str | None
    asks: bool
    waits: bool
    timeout_s: float | None
    until_waiting: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A run that was started here."""

    session: Session
    run: Execution
    definition: str
    digest: str

    @property
    def watch(self) -> str:
        """The command that shows its progress."""
        return f"tenuto show {self.run} --follow"

    def record(self, described: "RunDescription | None") -> dict[str, Any]:
        """The run for a program: the same keys whether or not it has ended."""
        result = described.result if described else None
        failure = described.failure if described else None
        return {
            "definition": self.definition,
            "digest": self.digest,
            "workflow_id": self.run.workflow_id,
            "run_id": described.run_id if described else self.run.run_id,
            "status": described.status if described else RunStatus.RUNNING,
            "output": result.values[0] if result and result.values else None,
            "problem": problem_of(failure) if failure else None,
            "failure": failure,
            "started_at": described.started_at if described else None,
            "closed_at": described.closed_at if described else None,
            "elapsed_s": described.elapsed if described else None,
            "ui_url": run_url(self.session, self.run),
        }

    def print_id(self, output: Output) -> None:
        """Prints the run as it was started: its id alone, or its record without an output."""
        output.record(
            self.record(None),
            lambda console: console.print(self.run.workflow_id, soft_wrap=True),
        )


async def run_definition(wanted: Wanted, output: Output) -> int:
    """Starts the run; waits for its end where that was asked for. Returns the exit code."""
    chosen = choose(wanted.definition)
    for warning in chosen.warnings:
        output.note(str(warning))
    value = read_input(wanted.given, wanted.fields, chosen.plan.input_schema)
    check_run_input(chosen.plan, value)
    session = await open_session()
    if wanted.asks:
        from tenuto.cli.asked import say_asked

        asked = await session.gate.ask_definition(
            session.client, chosen.plan, value, workflow_id=wanted.workflow_id
        )
        return say_asked(output, asked, names_itself=False)
    handle = await session.gate.start_definition(
        session.client,
        chosen.plan,
        value,
        workflow_id=wanted.workflow_id,
        is_deployed=chosen.loaded is None,
    )
    started = Started(
        session=session,
        run=Execution(workflow_id=handle.id, run_id=handle.run_id or ""),
        definition=name_of(chosen.plan),
        digest=chosen.digest,
    )
    if wanted.waits:
        # What draws takes longer to import than a run takes to start.
        from tenuto.cli.waiting import wait

        return await wait(
            started,
            output,
            lambda ended: _report(started, ended, output),
            timeout_s=wanted.timeout_s,
            until_waiting=wanted.until_waiting,
        )
    started.print_id(output)
    output.note(f"Started. Watch it: {started.watch}")
    url = run_url(session, started.run)
    if url:
        output.note(f"In the browser: {url}")
    return exit_codes.OK


async def _report(started: Started, ended: Execution, output: Output) -> int:
    from tenuto.cli.times import span
    from tenuto.engine.runs.describe import describe_run

    described = await describe_run(started.session.client, ended)
    code = exit_codes.of_run(described.status)
    if code == exit_codes.OK:
        output.note(f"{ended} completed in {span(described.elapsed)}.")
    elif not output.is_json:
        _say_why(described, output)
    output.record(started.record(described), lambda console: _draw_output(console, described))
    return code


def _draw_output(console: "Console", described: "RunDescription") -> None:
    from tenuto.cli.output import to_json

    for value in described.result.values if described.result else ():
        console.print(to_json(value, indent=2), soft_wrap=True)


def _say_why(described: "RunDescription", output: Output) -> None:
    failure = described.failure
    found = problem_of(failure) if failure else None
    if failure is None or found is None:
        cause = failure.line if failure else "why is unknown"
        output.error(f"{described.workflow_id} ended {described.status}: {cause}")
    else:
        output.error(f"{described.workflow_id} ended {described.status}:")
        output.draw(lambda console: _draw_problem(console, found), stderr=True)
    output.note(f"More: tenuto show {described.workflow_id} --payloads")


def _draw_problem(console: "Console", found: Mapping[str, Any]) -> None:
    from tenuto.cli.tables import block

    known = ("title", "detail", "type", "status", "instance")
    first = [(name, found.get(name)) for name in known]
    console.print(block([*first, *((k, v) for k, v in found.items() if k not in known)]))


def problem_of(failure: "Failure") -> dict[str, Any] | None:
    """The problem details that a failure carries, its own or those of what it came from."""
    for details in failure.details:
        if isinstance(details, dict) and {"type", "status"} <= details.keys():
            return details
    return problem_of(failure.cause) if failure.cause else None
