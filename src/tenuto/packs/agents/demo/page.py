"""The end of the demonstration for a person: who decided what, what it cost, what proves it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def draw_demo(console: "Console", record: dict[str, Any]) -> None:
    """Result, decisions, costs, transcript, evidence."""
    from rich.text import Text

    result = record["result"]
    done = result["agent"] or {}
    console.print()
    console.print(Text(f"COMPLETED: {result['status']}", "bold"))
    console.print(done.get("answer") or result["why"], markup=False)
    console.print()
    if done:
        spent = done["spent"]
        tokens = spent["input_tokens"] + spent["output_tokens"]
        console.print(
            f"{spent['model_calls']} model calls, {tokens:,} tokens, {spent['usd']} US dollars;"
            f" {spent['tool_calls']} tools ran, {done['denied']} was denied."
        )
    console.print()
    style = "green" if record["verified"] else "red"
    console.print(Text("Evidence", "bold"))
    console.print(Text(record["verdict"], style), soft_wrap=True)
    console.print()
    for name in ("transcript", "evidence"):
        if record.get(name):
            console.print(f"{name:11}{record[name]}", soft_wrap=True, markup=False)
