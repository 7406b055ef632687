"""The lists that come with an error: every wrong row of a file, at once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from tenuto.cli.tables import heading
from tenuto.cli.values import drawn
from tenuto.engine.runs.failures import Failure

if TYPE_CHECKING:
    from rich.console import Console


def draw_problems(console: "Console", failure: Failure) -> None:
    """Draws each list of records in the details of what went wrong; nothing where there is none.

    A record that says what was `found` is a line led by file, row, and field; others are rows.
    """
    for details in failure.reason.details:
        if not isinstance(details, Mapping):
            continue
        for name, records in details.items():
            if not isinstance(records, list) or not records:
                continue
            if all(isinstance(each, Mapping) and "found" in each for each in records):
                _draw_lines(console, name, records)
            elif isinstance(records[0], Mapping):
                console.print()
                console.print(heading(name))
                console.print(drawn(records))


def _draw_lines(console: "Console", name: str, records: list[Mapping[str, Any]]) -> None:
    console.print()
    console.print(heading(f"{len(records)} {name}" if len(records) > 1 else "1 problem"))
    for each in records:
        line = Text.assemble((_place(each), "bold"), str(each["found"]))
        if each.get("remedy"):
            line.append(f"\n→ {each['remedy']}", style="cyan")
        console.print(Padding(line, (0, 0, 0, 2)))


def _place(problem: Mapping[str, Any]) -> str:
    """`prices.csv:3 price: `, as far as it is known."""
    place = str(problem.get("file") or "")
    if problem.get("row"):
        place += f":{problem['row']}"
    if problem.get("field"):
        place += f" {problem['field']}"
    return f"{place}: " if place else ""
