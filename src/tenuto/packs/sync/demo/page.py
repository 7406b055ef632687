"""The end of the demonstration for a person: what was there, what is there."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def draw_demo(console: "Console", record: dict[str, Any]) -> None:
    """Counts of rows, and what happened meanwhile."""
    from rich.table import Table
    from rich.text import Text

    is_well = record["lost"] == record["repeated"] == record["stale"] == 0
    console.print()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for words, name in (
        ("orders in the API", "expected"),
        ("orders loaded", "loaded"),
        ("lost", "lost"),
        ("repeated", "repeated"),
        ("not as corrected", "stale"),
    ):
        table.add_row(words, f"{record[name]:,}")
    console.print(table)
    console.print()
    console.print(
        Text(
            f"{record['kills']} workers were killed with -9 in the middle; the API refused"
            f" {record['busy']} requests and served {record['pages']} pages;"
            f" {record['corrected']} orders changed on the boundary of the cursor.",
            "green" if is_well else "red",
        )
    )
    console.print(f"\nLook: duckdb {record['file']}", soft_wrap=True, markup=False)
