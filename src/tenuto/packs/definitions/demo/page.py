"""The end of the demonstration for a person: what ran, what came out, and where it is."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_SHAPES = {"completed": "✓", "skipped": "-", "faulted": "✗", "cancelled": "✗"}


def draw_demo(console: "Console", record: dict[str, Any]) -> None:
    """Trace, output, notice, and files."""
    from rich.text import Text

    console.print()
    console.print(Text("Tasks, as they ended", "bold"))
    for entry in record["trace"]:
        shape = _SHAPES.get(entry["status"])
        if shape:
            style = "green" if shape == "✓" else "yellow"
            console.print(Text.assemble((f"{shape} ", style), entry["at"]))
    console.print()
    console.print(Text("Output", "bold"))
    console.print(json.dumps(record["output"], indent=2))
    console.print()
    console.print(record["notice"] or Text("✗ the notice is missing", "red"))
    console.print()
    for name in ("definition", "graph"):
        console.print(f"{name:11}{record[name]}", soft_wrap=True)
