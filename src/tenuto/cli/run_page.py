"""One run on one page: header, steps, why it stands where it stands, inputs and results."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from tenuto.cli.output import to_json
from tenuto.cli.own_queues import serves_here
from tenuto.cli.problems import draw_problems
from tenuto.cli.run_tables import status_text, steps_table
from tenuto.cli.session import Session, run_url
from tenuto.cli.tables import block, heading
from tenuto.cli.times import ago, span, stamp
from tenuto.cli.values import drawn
from tenuto.engine.runs.describe import RunDescription, describe_run
from tenuto.engine.runs.diagnosis import Diagnosis, diagnose
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import Finding, FindingKind
from tenuto.engine.runs.history import RunHistory, read_history
from tenuto.engine.runs.payloads import Shown
from tenuto.workflows.cleanup import MEMO
from tenuto.workflows.interpreter.entry import definition

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPage:
    """Everything the page tells."""

    run: RunDescription
    history: RunHistory
    diagnosis: Diagnosis
    url: str | None
    has_payloads: bool


async def read_page(session: Session, run: Execution, *, with_payloads: bool) -> RunPage:
    """The page of a run. Takes up to three seconds more when the run is open and no worker
    answers."""
    client = session.client
    described, history, diagnosis = await asyncio.gather(
        describe_run(client, run),
        read_history(client, run, with_payloads=with_payloads),
        diagnose(client, run, serves_here),
    )
    return RunPage(
        run=described,
        history=history,
        diagnosis=diagnosis,
        url=run_url(session, run),
        has_payloads=with_payloads,
    )


def page_record(page: RunPage) -> dict[str, Any]:
    """The page for a program."""
    record = page.run.model_dump()
    record["elapsed_s"] = record.pop("elapsed")
    steps = [step.model_dump() for step in page.history.steps]
    for step in steps:
        step["duration_s"] = step.pop("duration")
        step["timeouts"] = {f"{name}_s": limit for name, limit in step["timeouts"].items()}
    return record | {
        "input": page.history.input,
        "steps": steps,
        "findings": page.diagnosis.findings,
        "ui_url": page.url,
    }


def draw_page(console: "Console", page: RunPage, *, with_result: bool = False) -> None:
    """The page for a person; `with_result` also without the other payloads."""
    console.print(heading(page.run.workflow_id), soft_wrap=True)
    console.print(block(_header(page)))
    if page.url:
        # Not a row of the block, which would break it: whole, a terminal makes it a link.
        console.print(Text.assemble(("watch", "dim"), "  ", page.url), soft_wrap=True)
    if page.history.steps:
        console.print()
        console.print(steps_table(page.history.steps, with_attempts=True))
    for finding in page.diagnosis.findings:
        if finding.kind is not FindingKind.FINISHED:
            _draw_finding(console, finding, with_remedy=page.run.status.is_open)
    for warning in page.run.warnings:
        console.print(Text(f"! {warning}", style="yellow"))
    if page.run.failure:
        draw_problems(console, page.run.failure)
    if page.has_payloads:
        _draw_payloads(console, page)
    elif with_result:
        _draw_result(console, page.run)


def _header(page: RunPage) -> list[tuple[str, Any]]:
    run = page.run
    closed = f", closed {ago(run.closed_at)}" if run.closed_at else ""
    return [
        ("workflow", run.type_name if run.entry is None else f"{run.entry} ({run.type_name})"),
        ("status", status_text(run.status)),
        ("stage", run.stage),
        ("details", run.details),
        ("undone", _undone(run)),
        ("started", f"{stamp(run.started_at)} ({ago(run.started_at)}{closed})"),
        ("took" if run.closed_at else "running for", span(run.elapsed)),
        ("queue", run.queue),
        ("run id", run.run_id),
        ("parent", run.parent),
        ("continued as", run.continued_as),
    ]


def _undone(run: RunDescription) -> str | None:
    """What a run that did not finish says it cleaned up."""
    shown = run.memo.get(MEMO)
    steps = shown.values[0] if shown and shown.values else ()
    return "; ".join(f"{step['what']}: {step['outcome']}" for step in steps) or None


def _draw_finding(console: "Console", finding: Finding, *, with_remedy: bool) -> None:
    console.print()
    console.print(Text(finding.sentence, style="bold"))
    if finding.remedy and with_remedy:
        console.print(Text(f"→ {finding.remedy}", style="cyan"))


def _draw_payloads(console: "Console", page: RunPage) -> None:
    _draw_shown(console, "Input", page.history.input)
    for step in page.history.steps:
        _draw_shown(console, f"{step.name}: input", step.input)
        _draw_shown(console, f"{step.name}: result", step.output)
    _draw_shown(console, "Result", page.run.result)
    console.print()
    console.print(Text("Nested values are folded; --json has them whole.", style="dim"))


def _draw_result(console: "Console", run: RunDescription) -> None:
    """As the command that starts a run and waits prints it: of a definition it is JSON."""
    values = run.result.values if run.result else ()
    if run.entry == definition.name and any(value is not None for value in values):
        console.print()
        console.print(heading("Result"))
        for value in values:
            console.print(to_json(value, indent=2), soft_wrap=True)
    elif any(value is not None for value in values):
        _draw_shown(console, "Result", run.result)


def _draw_shown(console: "Console", title: str, shown: Shown | None) -> None:
    if shown is None:
        return
    console.print()
    console.print(heading(title))
    for value in shown.values:
        console.print(Padding(drawn(value), (0, 0, 0, 2)))
    if shown.problem:
        console.print(Text(f"  {shown.problem}", style="yellow"))
