"""Runs and their steps as records and as tables."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from tenuto.cli.tables import table
from tenuto.cli.times import ago, span, stamp
from tenuto.engine.runs.listing import RunSummary
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.steps import Progress, Step, StepKind, StepStatus

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDE = 110
"""Columns from which a table has room for what is nice to know."""

_LOOKS: dict[str, tuple[str, str]] = {
    "completed": ("✓", "green"),
    "failed": ("✗", "red"),
    "timed-out": ("✗", "red"),
    "terminated": ("■", "red"),
    "canceled": ("■", "yellow"),
    "canceling": ("■", "yellow"),
    "stopped": ("·", "dim"),
    "retrying": ("↻", "yellow"),
    "paused": ("‖", "yellow"),
    "running": ("▶", "cyan"),
    "scheduled": ("…", "dim"),
    "continued-as-new": ("→", "dim"),
}
"""Word -> shape and colour: a status is told by all three."""


def status_text(status: RunStatus | StepStatus) -> Text:
    """The status as shape, word, and colour."""
    shape, style = _LOOKS[status.value]
    return Text(f"{shape} {status.value}", style=style)


def run_record(run: RunSummary) -> dict[str, Any]:
    """A run as a program reads it."""
    record = run.model_dump(mode="python")
    record["elapsed_s"] = record.pop("elapsed")
    return record


def draw_runs(console: "Console", runs: Sequence[RunSummary]) -> None:
    """One line per run; its id is whole, so that it can be copied."""
    if not runs:
        return
    is_wide = console.width >= WIDE
    has_stage = any(run.stage for run in runs)
    more = [*(["Workflow"] if is_wide else []), *(["Stage"] if has_stage else [])]
    drawn = table("Run", "Status", *more, "Started", "Took", folds="Run", right=("Took",))
    for run in runs:
        cells: list[Any] = [run.workflow_id, status_text(run.status)]
        cells += [run.definition or run.entry or run.type_name] if is_wide else []
        cells += [run.stage or ""] if has_stage else []
        drawn.add_row(*cells, ago(run.started_at), span(run.elapsed))
    console.print(drawn)


def steps_table(steps: Iterable[Step], *, with_attempts: bool = False) -> "Table":
    """One line per step: what, where it stands, how long, what is special about it.

    `with_attempts` adds a line for each failed attempt that the server remembers: the last one
    before the step ended.
    """
    drawn = table("Step", "Status", "Took", "", folds="", right=("Took",))
    for step in steps:
        took = span(step.duration) if step.duration is not None else ""
        drawn.add_row(_name(step), status_text(step.status), took, "; ".join(_remarks(step)))
        for attempt in step.attempts if with_attempts else ():
            if attempt.failure and attempt.failure != step.failure:
                shape = Text("✗ failed", style="dim")
                drawn.add_row(f"  attempt {attempt.number}", shape, "", attempt.failure.line)
    return drawn


def step_line(step: Step) -> str:
    """A step in one plain line."""
    took = f" after {span(step.duration)}" if step.duration is not None else ""
    remarks = "; ".join(_remarks(step))
    return f"{_name(step)} {step.status.value}{took}" + (f" ({remarks})" if remarks else "")


def _name(step: Step) -> str:
    if step.kind in (StepKind.ACTIVITY, StepKind.LOCAL_ACTIVITY):
        return step.name
    return f"{step.name} ({step.kind.value.removesuffix('-workflow')})"


def _remarks(step: Step) -> list[str]:
    remarks = [step.summary] if step.summary and step.summary != step.name else []
    if step.attempt > 1 or step.status is StepStatus.RETRYING:
        limit = f" of {step.max_attempts}" if step.max_attempts else ""
        remarks.append(f"attempt {step.attempt}{limit}")
    if step.progress and step.status.is_open:
        remarks.append(progress_text(step.progress))
    if step.due_at and step.status.is_open:
        remarks.append(f"due {stamp(step.due_at)}")
    if step.failure:
        remarks.append(step.failure.line)
    return remarks


def progress_text(progress: Progress) -> str:
    """`45 % · 9 of 20 · 1,000 rows · pricing`."""
    parts = []
    if progress.percent is not None:
        parts.append(f"{progress.percent:.0f} %")
    if progress.done is not None and progress.total is not None:
        parts.append(f"{progress.done:,g} of {progress.total:,g}")
    if progress.rows is not None:
        parts.append(f"{progress.rows:,} rows")
    if progress.message:
        parts.append(progress.message)
    return " · ".join(parts)
