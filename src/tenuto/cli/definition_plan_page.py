"""A rehearsal for a person: one step after the other, and how it ends."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tenuto.cli.tables import block, heading
from tenuto.cli.times import counted, span

if TYPE_CHECKING:
    from rich.console import Console

_WIDEST = 100
_DOES = {
    "call": "calls",
    "child": "starts and awaits",
    "definition": "runs the definition",
    "wait": "waits",
    "approval": "asks people",
}
"""What a person wants to see. That a run made itself findable stands in the record."""
_ENDS = {
    "completed": "The run would complete.",
    "waits": "The run would wait here: no such event came. Give one with --event.",
    "cut": "The rehearsal was cut: the definition goes on and on.",
    "faulted": "The run would end with an error.",
}


def draw_plan(console: "Console", record: Mapping[str, Any]) -> None:
    """Header, steps with what they get and give, outcome."""
    from rich.text import Text

    console.print(heading(record["definition"]))
    given = _short(record["input"], console.width)
    console.print(
        block(
            [
                ("digest", record["digest"]),
                ("input", given + (" (a sample)" if record["input_is_sample"] else "")),
            ]
        )
    )
    console.print()
    steps = [step for step in record["steps"] if step["what"] in _DOES]
    for number, step in enumerate(steps, start=1):
        _draw_step(console, number, step)
    if not steps:
        console.print("No step has an effect outside the run.")
    console.print()
    style = "bold red" if record["outcome"] == "faulted" else "bold"
    console.print(Text(_ENDS[record["outcome"]], style=style))
    console.print(block(_outcome(record, console.width)))


def _draw_step(console: "Console", number: int, step: Mapping[str, Any]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    what = f"{_DOES[step['what']]} {step['name']}".rstrip()
    if step["what"] == "wait":
        what = f"waits {span(timedelta(seconds=step['argument']))}"
    console.print(Text.assemble(f"{number:3}  ", (step["task"] or "", "bold"), f"  {what}"))
    if step["what"] == "wait":
        return
    note = "  (a sample)" if step["answer_is_sample"] else ""
    told = [
        ("with", _short(step["argument"], console.width)),
        ("assumes", _short(step["answer"], console.width) + note),
    ]
    console.print(Padding(block(told), (0, 0, 0, 7)))


def _outcome(record: Mapping[str, Any], width: int) -> list[tuple[str, Any]]:
    problem = record["problem"] or {}
    is_done = record["outcome"] == "completed"
    return [
        ("output", _short(record["output"], width) if is_done else None),
        ("error", problem.get("detail") or problem.get("title")),
        ("type", problem.get("type")),
        ("at", problem.get("instance")),
        ("steps", counted(sum(each["what"] in _DOES for each in record["steps"]), "step")),
        ("people", counted(len(record["approvals"]), "approval")),
        ("notices", counted(len(record["notices"]), "message")),
        ("events", _events(record)),
        ("waits", span(record["waits_s"]) if record["waits_s"] else None),
        ("history", f"about {counted(record['history_events'], 'event')}"),
    ]


def _events(record: Mapping[str, Any]) -> str | None:
    if not record["awaits"]:
        return None
    note = "" if not record["events_are_samples"] else " (samples came)"
    return ", ".join(record["awaits"]) + note


def _short(value: Any, width: int) -> str:
    """One line of JSON, cut where a terminal would wrap it; `--json` has it whole."""
    text = json.dumps(value, ensure_ascii=False)
    most = min(width, _WIDEST) - 16
    return text if len(text) <= most else text[: most - 1] + "…"
