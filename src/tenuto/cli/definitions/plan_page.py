"""A rehearsal for a person: one step after the other, the way between them, and how it ends."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tenuto.cli.definitions.way import steps_inside, turns
from tenuto.cli.tables import block, heading
from tenuto.cli.times import counted, span

if TYPE_CHECKING:
    from rich.console import Console

_WIDEST = 100
_MOST_TURNS = 200
"""Lines of the way that are shown unless all are asked for: loops may be long."""
_CUT = "…"
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
    "waits": "The run would wait here: no such event came. Give one with `--event`.",
    "cut": "The rehearsal was cut: the definition goes on and on.",
    "faulted": "The run would end with an error.",
}


@dataclass(frozen=True, slots=True)
class _Shape:
    """How values are written: whole, or on one line of a width that a terminal does not wrap."""

    width: int
    is_full: bool

    def of(self, value: Any) -> str:
        if self.is_full:
            return json.dumps(value, ensure_ascii=False, indent=2)
        text = json.dumps(value, ensure_ascii=False)
        most = min(self.width, _WIDEST) - 16
        return text if len(text) <= most else text[: most - 1] + _CUT


def draw_plan(console: "Console", record: Mapping[str, Any], *, is_full: bool) -> None:
    """Header, steps with what they get and give and the way between them, outcome."""
    from rich.text import Text

    shape = _Shape(console.width, is_full)
    console.print(heading(record["definition"]))
    note = " (a sample)" if record["input_is_sample"] else ""
    console.print(
        block([("digest", record["digest"]), ("input", shape.of(record["input"]) + note)])
    )
    console.print()
    _draw_way(console, record, shape)
    console.print()
    style = "bold red" if record["outcome"] == "faulted" else "bold"
    console.print(Text(_ENDS[record["outcome"]], style=style))
    console.print(block(_outcome(record, shape)))
    for remark in (_of_samples(record), _of_cuts(record, shape)):
        if remark:
            console.print(Text(remark, style="yellow" if "sample" in remark else "dim"))


def _draw_way(console: "Console", record: Mapping[str, Any], shape: _Shape) -> None:
    from rich.text import Text

    way = list(turns(record["way"], record["plan"]))
    shown = way if shape.is_full else way[:_MOST_TURNS]
    number = 0
    for index, step in enumerate(record["steps"]):
        while shown and shown[0][0] <= index:
            console.print(Text(f"     {shown.pop(0)[1]}", style="dim"))
        if step["what"] in _DOES:
            number += 1
            _draw_step(console, number, step, shape)
    for _, words in shown:
        console.print(Text(f"     {words}", style="dim"))
    if not shape.is_full and len(way) > _MOST_TURNS:
        left = len(way) - _MOST_TURNS
        console.print(Text(f"     ... and {left} more turns; --full shows them.", style="dim"))
    if not number:
        console.print("No step has an effect outside the run.")


def _draw_step(console: "Console", number: int, step: Mapping[str, Any], shape: _Shape) -> None:
    from rich.padding import Padding
    from rich.text import Text

    what = f"{_DOES[step['what']]} {step['name']}".rstrip()
    if step["what"] == "wait":
        what = f"waits {span(timedelta(seconds=step['argument']))}"
    console.print(Text.assemble(f"{number:3}  ", (step["task"] or "", "bold"), f"  {what}"))
    if step["what"] == "wait":
        return
    note = "  (a sample)" if step["answer_is_sample"] else ""
    told = [("with", shape.of(step["argument"])), ("assumes", shape.of(step["answer"]) + note)]
    console.print(Padding(block(told), (0, 0, 0, 7)))


def _outcome(record: Mapping[str, Any], shape: _Shape) -> list[tuple[str, Any]]:
    problem = record["problem"] or {}
    is_done = record["outcome"] == "completed"
    outside = sum(each["what"] in _DOES for each in record["steps"])
    steps = counted(outside + steps_inside(record["way"]), "step")
    return [
        ("output", shape.of(record["output"]) if is_done else None),
        ("error", problem.get("detail") or problem.get("title")),
        ("type", problem.get("type")),
        ("at", problem.get("instance")),
        ("steps", f"{steps}, {outside} of them with an effect outside the run"),
        ("people", counted(len(record["approvals"]), "approval")),
        ("notices", counted(len(record["notices"]), "message")),
        ("events", _events(record)),
        ("waits", span(record["waits_s"]) if record["waits_s"] else None),
        ("history", f"about {counted(record['history_events'], 'event')}"),
    ]


def _of_samples(record: Mapping[str, Any]) -> str:
    """Where a run does not complete: which samples may be the reason, and what to give instead."""
    if record["outcome"] not in ("faulted", "waits"):
        return ""
    answered = (each["task"] for each in record["steps"] if each["answer_is_sample"])
    tasks = ", ".join(f"`{task}`" for task in dict.fromkeys(answered))
    samples = [
        ("the input (`--input`)", record["input_is_sample"]),
        (f"what {tasks} returned (`--assume TASK=JSON`)", tasks),
        ("the events (`--event`)", record["events_are_samples"] and record["awaits"]),
    ]
    used = " and ".join(words for words, is_used in samples if is_used)
    return f"A sample may be at fault, not the definition: {used} is made up." if used else ""


def _of_cuts(record: Mapping[str, Any], shape: _Shape) -> str:
    values: Iterable[Any] = (
        *(step[part] for step in record["steps"] for part in ("argument", "answer")),
        record["input"],
        record["output"],
    )
    is_cut = any(shape.of(value).endswith(_CUT) for value in values)
    return "Long values are cut; --full shows them whole." if is_cut else ""


def _events(record: Mapping[str, Any]) -> str | None:
    if not record["awaits"]:
        return None
    note = "" if not record["events_are_samples"] else " (samples came)"
    return ", ".join(record["awaits"]) + note
