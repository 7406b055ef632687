"""Two views of a run that is watched: one redraws itself, one adds a line per change."""

import time
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from tenuto.cli.output import Output
from tenuto.cli.run_tables import status_text, step_line, steps_table
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import Finding, FindingKind
from tenuto.engine.runs.history import RunHistory
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.steps import Step, StepStatus

_TELLING = {
    FindingKind.NO_POLLER,
    FindingKind.CODE_ERROR,
    FindingKind.WAITING_FOR_MESSAGE,
    FindingKind.WAITING_FOR_TIMER,
    FindingKind.WAITING_FOR_CHILD,
    FindingKind.PAUSED,
}
"""What whoever watches has to know; the rest stands in the steps already."""

_OTHER_LINES = 8
"""Lines of the terminal that are not steps."""


def _remarks(findings: Iterable[Finding]) -> list[str]:
    return [
        f"{finding.sentence} → {finding.remedy}" if finding.remedy else finding.sentence
        for finding in findings
        if finding.kind in _TELLING
    ]


class View(Protocol):
    """What a follower tells."""

    @property
    def unchanged_s(self) -> float:
        """Seconds since the last change."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def show(self, status: RunStatus, history: RunHistory) -> None:
        """Takes in what the run looks like now."""

    def explain(self, findings: Iterable[Finding]) -> None:
        """Says what the run waits for."""

    def say(self, text: str) -> None:
        """Says something about the watching itself."""


class _Changes:
    """When something about the steps last changed, and what."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[StepStatus, int]] = {}
        self._changed_at = time.monotonic()

    @property
    def unchanged_s(self) -> float:
        return time.monotonic() - self._changed_at

    def take(self, history: RunHistory) -> list[Step]:
        """The steps that are new or stand elsewhere than before."""
        changed = []
        for step in history.steps:
            key, state = (history.execution.run_id, step.event_id), (step.status, step.attempt)
            if self._known.get(key) != state:
                self._known[key] = state
                changed.append(step)
        if changed:
            self._changed_at = time.monotonic()
        return changed


class LineView(_Changes):
    """A plain line for each step that ended, each failed attempt, and each reason to wait."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, status: RunStatus, history: RunHistory) -> None:
        """Prints the steps that ended or failed an attempt."""
        for step in self.take(history):
            if not step.status.is_open or step.attempt > 1:
                self._print(step_line(step))

    def explain(self, findings: Iterable[Finding]) -> None:
        """Prints each reason once."""
        for remark in _remarks(findings):
            self.say(remark)

    def say(self, text: str) -> None:
        """Prints the text, once."""
        if text not in self._said:
            self._said.add(text)
            self._print(text)

    def _print(self, text: str) -> None:
        self._output.note(f"{datetime.now():%H:%M:%S} {text}")  # noqa: DTZ005 (the reader's zone)


class LiveView(_Changes):
    """The steps, redrawn as they change."""

    def __init__(self, run: Execution, output: Output, *, keeps: bool) -> None:
        super().__init__()
        self._run = run
        self._status = RunStatus.RUNNING
        self._steps: tuple[Step, ...] = ()
        self._remarks: list[str] = []
        self._began = time.monotonic()
        self._console = output.console(stderr=True)
        self._live = Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=8,
            transient=not keeps,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, status: RunStatus, history: RunHistory) -> None:
        """Takes in what the run looks like now."""
        if self.take(history) or not status.is_open:
            self._remarks = []
        self._status, self._steps = status, history.steps

    def explain(self, findings: Iterable[Finding]) -> None:
        """Puts the reasons below the steps."""
        self._remarks = _remarks(findings)

    def say(self, text: str) -> None:
        """Puts the text below the steps."""
        self._remarks = [text]

    def _draw(self) -> RenderableType:
        room = max(3, self._console.height - _OTHER_LINES)
        hidden = len(self._steps) - room
        parts: list[RenderableType] = [
            Text.assemble(
                (str(self._run), "bold"),
                "  ",
                status_text(self._status),
                (f"  {time.monotonic() - self._began:.1f} s", "dim"),
                overflow="ellipsis",
                no_wrap=True,
            )
        ]
        if hidden > 0:
            parts.append(Text(f"... {hidden} earlier steps", style="dim"))
        if self._steps:
            parts.append(steps_table(self._steps[-room:]))
        parts += [Text(remark, style="yellow") for remark in self._remarks]
        return Group(*parts)
