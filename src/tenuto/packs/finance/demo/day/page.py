"""The outcome of the day for a person: each fault, and what became of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenuto.packs.finance.demo.day.faults import Fault

if TYPE_CHECKING:
    from rich.console import Console


def draw_day(console: "Console", record: dict[str, Any], faults: Sequence[Fault]) -> None:
    """Faults, false alarms, NAV per unit, and where the reports are."""
    from rich.table import Table
    from rich.text import Text

    def grid(*heads: str) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for head in heads:
            table.add_column(head)
        return table

    console.print()
    table = grid("", "File", "Subject", "Finding", "What was wrong")
    for each in faults:
        is_found = each.name in record["found"]
        mark = Text("✓ found", "green") if is_found else Text("✗ missed", "red")
        table.add_row(mark, each.where, each.subject, each.finding, each.story)
    console.print(table)
    for false in record["false_alarms"]:
        console.print(Text(f"✗ false alarm: {false}", "red"))
    console.print(
        f"\n{len(record['found'])} of {len(faults)} faults found, "
        f"{len(record['false_alarms'])} false alarm(s)."
    )
    console.print()
    units = grid("Class", "NAV per unit")
    for class_id, value in record["nav_per_unit"].items():
        units.add_row(class_id, value)
    console.print(Text(record["nav_id"], "bold"))
    console.print(units)
    console.print()
    for name, paths in record["packs"].items():
        for path in paths:
            console.print(f"{name:14} {path}")
