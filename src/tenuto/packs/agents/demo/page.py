"""The end of the demonstration for a person: who decided what, what it cost, what proves it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_MARKS = {"success": "✓", "denied": "✗", "failed": "✗"}


def draw_demo(console: "Console", record: dict[str, Any]) -> None:
    """Result, decisions, costs, transcript, evidence."""
    from rich.text import Text

    result = record["result"]
    done = result["agent"] or {}
    console.print()
    console.print(Text(f"COMPLETED: {result['status']}", "bold"))
    console.print(done.get("answer") or result["why"], markup=False)
    console.print()
    _draw_decisions(console, record)
    if done:
        spent = done["spent"]
        tokens = spent["input_tokens"] + spent["output_tokens"]
        console.print(
            f"{spent['model_calls']} model calls, {tokens:,} tokens, {spent['usd']} US dollars."
        )
    console.print()
    console.print(Text("Evidence", "bold"))
    console.print(Text(record["verdict"], _colour(record["verified"])), soft_wrap=True)
    if "finding" in record:
        console.print("And in a copy with one byte changed:")
        console.print(Text(record["finding"], _colour(record["changed_byte_is_found"])))
    console.print()
    for name in ("transcript", "evidence"):
        if record.get(name):
            console.print(f"{name:11}{record[name]}", soft_wrap=True, markup=False)


def _draw_decisions(console: "Console", record: dict[str, Any]) -> None:
    """Who let it start, and what became of each tool call."""
    from rich.table import Table

    result = record["result"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "Asked for", "Because"):
        table.add_column(column, no_wrap=column != "Because")
    table.add_row("✓", "policy: the start", result["policy"]["why"])
    approval = result["approval"]
    if approval:
        mark = "✓" if approval["state"] == "approved" else "✗"
        table.add_row(mark, "approval: the start", approval["why"])
    for call in record["tools"]:
        table.add_row(_MARKS.get(call["outcome"], "·"), f"tool: {call['tool']}", call["why"])
    console.print(table, markup=False)
    console.print()


def _colour(is_well: bool) -> str:
    return "green" if is_well else "red"
